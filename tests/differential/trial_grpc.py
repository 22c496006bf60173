"""Model APIs over gRPC, by the vendors' own generated messages: Gemini's and Vertex AI's GenerateContent, xAI's chat; whole, streamed, failed."""

import itertools
import sys
from pathlib import Path
from typing import Any

import record
import trial_a2a as proto
from google.ai import generativelanguage_v1beta as gemini
from google.cloud import aiplatform_v1 as vertex
from xai_sdk.proto.v6 import chat_pb2 as grok
from xai_sdk.proto.v6 import sample_pb2 as sampled

CODES = {
    3: "INVALID_ARGUMENT",
    5: "NOT_FOUND",
    7: "PERMISSION_DENIED",
    8: "RESOURCE_EXHAUSTED",
    13: "INTERNAL",
    14: "UNAVAILABLE",
    16: "UNAUTHENTICATED",
}
FILTERS = {
    "SAFETY",
    "RECITATION",
    "BLOCKLIST",
    "PROHIBITED_CONTENT",
    "SPII",
    "IMAGE_SAFETY",
    "IMAGE_PROHIBITED_CONTENT",
    "IMAGE_RECITATION",
    "MODEL_ARMOR",
}


def put(
    trial: record.Trial,
    name: str,
    host: str,
    path: str,
    request: Any,
    replies: list[Any],
    facts: dict[str, Any],
    status: int = 0,
) -> None:
    """One call."""
    framed = b"".join(b"\0" + len(r := m.SerializeToString()).to_bytes(4, "big") + r for m in replies)
    trial_host, proto.HOST = proto.HOST, host
    proto._grpc(trial, name, path, request, framed, (("grpc-status", str(status)),), facts)
    proto.HOST = trial_host


def google(trial: record.Trial, module: Any, host: str, service: str, provider: str, model: str) -> None:
    """Every part, reason and count of GenerateContent."""
    request_kind, reply_kind = module.GenerateContentRequest, module.GenerateContentResponse
    reasons = module.Candidate.FinishReason
    config = {
        "temperature": 0.5,
        "top_p": 0.25,
        "top_k": 3,
        "max_output_tokens": 9,
        "candidate_count": 2,
        "seed": -5,
        "stop_sequences": ["x"],
        "response_mime_type": "application/json",
    }
    names = {f.name for f in module.GenerationConfig.pb(module.GenerationConfig()).DESCRIPTOR.fields}
    assert set(config) <= names
    tools = [
        module.Tool(
            function_declarations=[
                module.FunctionDeclaration(name="f1"),
                module.FunctionDeclaration(name="f2"),
            ]
        )
    ]
    request = request_kind(
        model=model,
        contents=[module.Content(role="user", parts=[module.Part(text="hi")])],
        generation_config=config,
        tools=tools,
    )
    for reason, stream in itertools.product(reasons, (False, True)):
        calls = [module.FunctionCall(name=f"f{n}", args={"a": n, "b": ["x", {"c": True}]}) for n in (1, 2)]
        parts = [
            module.Part(text="a"),
            *(module.Part(function_call=c) for c in calls),
            module.Part(text="t", thought=True),
        ]
        usage = {
            "prompt_token_count": 100,
            "candidates_token_count": 50,
            "total_token_count": 170,
            "cached_content_token_count": 30,
            "thoughts_token_count": 20,
        }
        candidates = [
            module.Candidate(
                index=0, content=module.Content(role="model", parts=parts), finish_reason=reason
            ),
            module.Candidate(
                index=1, content=module.Content(parts=[module.Part(text="b")]), finish_reason=reasons.STOP
            ),
        ]
        whole = reply_kind(
            candidates=candidates, usage_metadata=usage, model_version="m-001", response_id="r_1"
        )
        replies = [whole]
        if stream:
            begun = reply_kind(
                candidates=[
                    module.Candidate(index=n, content=module.Content(parts=[p]))
                    for n, ps in enumerate((parts, [module.Part(text="b")]))
                    for p in ps
                ][:1],
                response_id="r_1",
                model_version="m-001",
            )
            rest = [
                reply_kind(
                    candidates=[module.Candidate(content=module.Content(parts=[p]))], response_id="r_1"
                )
                for p in parts[1:]
            ]
            last = reply_kind(
                candidates=[
                    module.Candidate(index=0, finish_reason=reason),
                    module.Candidate(index=1, finish_reason=reasons.STOP),
                ],
                usage_metadata=usage,
                response_id="r_1",
            )
            replies = [begun, *rest, last]
        blocked = reason.name in FILTERS
        finishes = ([reason.name] if reason.value else []) + ["STOP"]
        facts = {
            "gen_ai.provider.name": provider, "gen_ai.operation.name": "generate_content", "gen_ai.request.model": "gemini-2.5-flash", "gen_ai.response.model": "m-001",
            "gen_ai.response.id": "r_1", "gen_ai.response.finish_reasons": finishes, "hexr.llm.tool_call.names": ["f1", "f2"],
            "gen_ai.usage.input_tokens": 100, "gen_ai.usage.output_tokens": 70, "gen_ai.usage.cache_read.input_tokens": 30, "gen_ai.usage.reasoning.output_tokens": 20,
            "gen_ai.request.temperature": 0.5, "gen_ai.request.top_p": 0.25, "gen_ai.request.top_k": 3, "gen_ai.request.max_tokens": 9, "gen_ai.request.choice.count": 2,
            "gen_ai.request.seed": -5, "gen_ai.request.stop_sequences": ["x"], "gen_ai.output.type": "json", "hexr.llm.tool_definition.names": ["f1", "f2"],
            "gen_ai.request.stream": True if stream else None, "status": "ERROR" if blocked else "UNSET", "error.type": "content_filter" if blocked else None,
        }  # fmt: skip
        facts.pop("hexr.llm.tool_definition.names")
        method = "StreamGenerateContent" if stream else "GenerateContent"
        put(
            trial,
            f"{provider}/{reason.name}/{stream}",
            host,
            f"/{service}/{method}",
            request_kind.pb(request),
            [reply_kind.pb(r) for r in replies],
            facts,
        )
    for code, word in CODES.items():
        put(
            trial,
            f"{provider}/error/{code}",
            host,
            f"/{service}/GenerateContent",
            request_kind.pb(request),
            [],
            {"error.type": word, "status": "ERROR", "gen_ai.request.model": "gemini-2.5-flash"},
            code,
        )


def xai(trial: record.Trial) -> None:
    """Every reason and kind of tool call."""
    host, service = "api.x.ai", "xai_api.Chat"
    messages = [
        grok.Message(role=grok.ROLE_SYSTEM, content=[grok.Content(text="be")]),
        grok.Message(role=grok.ROLE_USER, content=[grok.Content(text="hi")]),
        grok.Message(role=grok.ROLE_TOOL, tool_call_id="call_0", content=[grok.Content(text="ok")]),
    ]
    request = grok.GetCompletionsRequest(
        model="grok-4",
        messages=messages,
        temperature=0.5,
        max_tokens=9,
        n=2,
        stop=["x"],
        seed=7,
        reasoning_effort=grok.EFFORT_HIGH,
        tools=[grok.Tool(function=grok.Function(name="f")), grok.Tool(web_search=grok.WebSearch())],
    )
    for reason, stream in itertools.product(sampled.FinishReason.values()[1:], (False, True)):
        word = sampled.FinishReason.Name(reason)
        calls = [
            grok.ToolCall(
                id=f"call_{n}", type=n + 1, function=grok.FunctionCall(name=f"f{n}", arguments="{}")
            )
            for n in range(len(grok.ToolCallType.keys()) - 2)
        ]
        usage = {
            "prompt_tokens": 100,
            "completion_tokens": 50,
            "reasoning_tokens": 20,
            "total_tokens": 170,
            "cached_prompt_text_tokens": 30,
            "prompt_text_tokens": 90,
            "prompt_image_tokens": 10,
        }
        if stream:
            replies = [
                grok.GetChatCompletionChunk(
                    id="c_1",
                    model="grok-4-0709",
                    outputs=[
                        grok.CompletionOutputChunk(
                            index=0, delta=grok.Delta(role=grok.ROLE_ASSISTANT, content="a")
                        )
                    ],
                )
            ]
            replies += [
                grok.GetChatCompletionChunk(
                    id="c_1",
                    model="grok-4-0709",
                    outputs=[grok.CompletionOutputChunk(index=0, delta=grok.Delta(tool_calls=[c]))],
                )
                for c in calls
            ]
            replies += [
                grok.GetChatCompletionChunk(
                    id="c_1",
                    model="grok-4-0709",
                    outputs=[
                        grok.CompletionOutputChunk(
                            index=1, delta=grok.Delta(content="b"), finish_reason=sampled.REASON_STOP
                        ),
                        grok.CompletionOutputChunk(index=0, finish_reason=reason),
                    ],
                    usage=usage,
                )
            ]
        else:
            replies = [
                grok.GetChatCompletionResponse(
                    id="c_1",
                    model="grok-4-0709",
                    usage=usage,
                    outputs=[
                        grok.CompletionOutput(
                            index=0,
                            finish_reason=reason,
                            message=grok.CompletionMessage(
                                role=grok.ROLE_ASSISTANT, content="a", tool_calls=calls
                            ),
                        ),
                        grok.CompletionOutput(
                            index=1,
                            finish_reason=sampled.REASON_STOP,
                            message=grok.CompletionMessage(content="b"),
                        ),
                    ],
                )
            ]
        facts = {
            "gen_ai.provider.name": "x_ai", "gen_ai.operation.name": "chat", "gen_ai.request.model": "grok-4", "gen_ai.response.model": "grok-4-0709", "gen_ai.response.id": "c_1",
            "gen_ai.response.finish_reasons": [word, "REASON_STOP"], "hexr.llm.tool_call.names": ["f0"], "hexr.llm.tool_call.ids": ["call_0"],
            "gen_ai.usage.input_tokens": 100, "gen_ai.usage.output_tokens": 70, "gen_ai.usage.cache_read.input_tokens": 30, "gen_ai.usage.reasoning.output_tokens": 20,
            "gen_ai.request.temperature": 0.5, "gen_ai.request.max_tokens": 9, "gen_ai.request.choice.count": 2, "gen_ai.request.seed": 7, "gen_ai.request.stop_sequences": ["x"],
            "gen_ai.request.stream": True if stream else None, "status": "UNSET",
        }  # fmt: skip
        put(
            trial,
            f"x_ai/{word}/{stream}",
            host,
            f"/{service}/{'GetCompletionChunk' if stream else 'GetCompletion'}",
            request,
            replies,
            facts,
        )
    for code, word in CODES.items():
        put(
            trial,
            f"x_ai/error/{code}",
            host,
            f"/{service}/GetCompletion",
            request,
            [],
            {"error.type": word, "status": "ERROR", "gen_ai.request.model": "grok-4"},
            code,
        )


def main() -> None:
    trial = record.Trial("grpc")
    google(
        trial,
        gemini,
        "generativelanguage.googleapis.com",
        "google.ai.generativelanguage.v1beta.GenerativeService",
        "gcp.gemini",
        "models/gemini-2.5-flash",
    )
    google(
        trial,
        vertex,
        "us-central1-aiplatform.googleapis.com",
        "google.cloud.aiplatform.v1.PredictionService",
        "gcp.vertex_ai",
        "projects/p/locations/us-central1/publishers/google/models/gemini-2.5-flash",
    )
    xai(trial)
    trial.write(Path(sys.argv[1]))


if __name__ == "__main__":
    main()
