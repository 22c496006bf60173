"""The numbers of generateContent's fields, on the Gemini API and on Vertex AI: the two number them differently, and mean the same.

https://github.com/googleapis/googleapis: google/ai/generativelanguage/v1beta/generative_service.proto and content.proto,
google/cloud/aiplatform/v1/prediction_service.proto, content.proto and tool.proto.
"""

from typing import Final

from hexr_autoinst.dissect.protocols.proto_json import (
    COUNT,
    FLAG,
    FLOAT,
    SAID,
    STRUCT,
    TEXT,
    Field,
    Table,
    many,
)

_MODALITIES: Final = ("", "TEXT", "IMAGE", "VIDEO", "AUDIO", "DOCUMENT")
_ANSWERED_IN: Final = ("", "TEXT", "IMAGE", "AUDIO")
_COUNTED: Final[Table] = {1: Field("modality", _MODALITIES), 2: Field("tokenCount", COUNT)}
_CODE: Final[Table] = {1: Field("language", ("", "PYTHON")), 2: Field("code", SAID)}
_EMPTY: Final[Table] = {}

# The Gemini API.
_CALL: Final[Table] = {1: Field("name", TEXT), 2: Field("args", STRUCT), 3: Field("id", TEXT)}
_RESULT: Final[Table] = {1: Field("name", TEXT), 2: Field("response", STRUCT), 3: Field("id", TEXT)}
_CONTENT: Final[Table] = {
    1: many(
        "parts",
        {
            2: Field("text", SAID), 3: Field("inlineData", _EMPTY), 4: Field("functionCall", _CALL), 5: Field("functionResponse", _RESULT),
            6: Field("fileData", _EMPTY), 9: Field("executableCode", _CODE), 11: Field("thought", FLAG),
        },
    ),
    2: Field("role", TEXT),
}  # fmt: skip
GEMINI_ASKED: Final[Table] = {
    1: Field("model", TEXT), 2: many("contents", _CONTENT), 8: Field("systemInstruction", _CONTENT),
    4: Field(
        "generationConfig",
        {
            1: Field("candidateCount", COUNT), 2: many("stopSequences", TEXT), 4: Field("maxOutputTokens", COUNT), 5: Field("temperature", FLOAT),
            6: Field("topP", FLOAT), 7: Field("topK", COUNT), 8: Field("seed", COUNT), 13: Field("responseMimeType", TEXT),
            15: Field("presencePenalty", FLOAT), 16: Field("frequencyPenalty", FLOAT), 20: many("responseModalities", _ANSWERED_IN),
        },
    ),
    5: many(
        "tools",
        {
            1: many("functionDeclarations", {1: Field("name", TEXT)}), 2: Field("googleSearchRetrieval", _EMPTY), 3: Field("codeExecution", _EMPTY),
            4: Field("googleSearch", _EMPTY), 6: Field("computerUse", _EMPTY), 8: Field("urlContext", _EMPTY), 9: Field("fileSearch", _EMPTY),
            11: Field("googleMaps", _EMPTY),
        },
    ),
}  # fmt: skip
GEMINI_SAID: Final[Table] = {
    1: many(
        "candidates",
        {
            1: Field("content", _CONTENT), 3: Field("index", COUNT),
            2: Field("finishReason", ("", "STOP", "MAX_TOKENS", "SAFETY", "RECITATION", "OTHER", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII",
                                      "MALFORMED_FUNCTION_CALL", "IMAGE_SAFETY", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS", "IMAGE_PROHIBITED_CONTENT",
                                      "IMAGE_OTHER", "NO_IMAGE", "IMAGE_RECITATION")),
        },
    ),
    2: Field("promptFeedback", {1: Field("blockReason", ("", "SAFETY", "OTHER", "BLOCKLIST", "PROHIBITED_CONTENT", "IMAGE_SAFETY"))}),
    3: Field(
        "usageMetadata",
        {
            1: Field("promptTokenCount", COUNT), 2: Field("candidatesTokenCount", COUNT), 3: Field("totalTokenCount", COUNT),
            4: Field("cachedContentTokenCount", COUNT), 5: many("promptTokensDetails", _COUNTED), 6: many("cacheTokensDetails", _COUNTED),
            7: many("candidatesTokensDetails", _COUNTED), 8: Field("toolUsePromptTokenCount", COUNT),
            9: many("toolUsePromptTokensDetails", _COUNTED), 10: Field("thoughtsTokenCount", COUNT),
        },
    ),
    4: Field("modelVersion", TEXT), 5: Field("responseId", TEXT),
}  # fmt: skip

# Vertex AI.
_VERTEX_CONTENT: Final[Table] = {
    1: Field("role", TEXT),
    2: many(
        "parts",
        {
            1: Field("text", SAID), 2: Field("inlineData", _EMPTY), 3: Field("fileData", _EMPTY), 5: Field("functionCall", _CALL),
            6: Field("functionResponse", _RESULT), 8: Field("executableCode", _CODE), 10: Field("thought", FLAG),
        },
    ),
}  # fmt: skip
VERTEX_ASKED: Final[Table] = {
    5: Field("model", TEXT), 2: many("contents", _VERTEX_CONTENT), 8: Field("systemInstruction", _VERTEX_CONTENT),
    4: Field(
        "generationConfig",
        {
            1: Field("temperature", FLOAT), 2: Field("topP", FLOAT), 3: Field("topK", FLOAT), 4: Field("candidateCount", COUNT),
            5: Field("maxOutputTokens", COUNT), 6: many("stopSequences", TEXT), 8: Field("presencePenalty", FLOAT),
            9: Field("frequencyPenalty", FLOAT), 12: Field("seed", COUNT), 13: Field("responseMimeType", TEXT),
            21: many("responseModalities", _ANSWERED_IN),
        },
    ),
    6: many(
        "tools",
        {
            1: many("functionDeclarations", {1: Field("name", TEXT)}), 2: Field("retrieval", _EMPTY), 3: Field("googleSearchRetrieval", _EMPTY),
            4: Field("codeExecution", _EMPTY), 5: Field("googleMaps", _EMPTY), 6: Field("enterpriseWebSearch", _EMPTY), 7: Field("googleSearch", _EMPTY),
            10: Field("urlContext", _EMPTY), 11: Field("computerUse", _EMPTY),
        },
    ),
}  # fmt: skip
VERTEX_SAID: Final[Table] = {
    2: many(
        "candidates",
        {
            1: Field("index", COUNT), 2: Field("content", _VERTEX_CONTENT),
            3: Field("finishReason", ("", "STOP", "MAX_TOKENS", "SAFETY", "RECITATION", "OTHER", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII",
                                      "MALFORMED_FUNCTION_CALL", "MODEL_ARMOR")),
        },
    ),
    3: Field("promptFeedback", {1: Field("blockReason", ("", "SAFETY", "OTHER", "BLOCKLIST", "PROHIBITED_CONTENT", "MODEL_ARMOR", "JAILBREAK"))}),
    4: Field(
        "usageMetadata",
        {
            1: Field("promptTokenCount", COUNT), 2: Field("candidatesTokenCount", COUNT), 3: Field("totalTokenCount", COUNT),
            5: Field("cachedContentTokenCount", COUNT), 9: many("promptTokensDetails", _COUNTED), 10: many("cacheTokensDetails", _COUNTED),
            11: many("candidatesTokensDetails", _COUNTED), 12: many("toolUsePromptTokensDetails", _COUNTED),
            14: Field("thoughtsTokenCount", COUNT),
        },
    ),
    11: Field("modelVersion", TEXT), 13: Field("responseId", TEXT),
}  # fmt: skip
