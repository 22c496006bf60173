"""AssemblyAI: transcriptions that are ordered and fetched, and a gateway to language models. https://www.assemblyai.com/docs/api-reference"""

from typing import Final

from hexr_autoinst.dissect.dialects.openai_chat import OPENAI_CHAT
from hexr_autoinst.dissect.dialects.speech import TRANSCRIPTION, TRANSCRIPTION_FETCHED
from hexr_autoinst.dissect.vendor import Vendor, get, post

VENDOR: Final = Vendor(
    name="assemblyai",
    provider="assemblyai",
    hosts=("api.assemblyai.com", "api.eu.assemblyai.com", "llm-gateway.assemblyai.com"),
    endpoints=(
        post("/v2/transcript", TRANSCRIPTION),
        get("/v2/transcript/[^/]+", TRANSCRIPTION_FETCHED),
        post("/v1/chat/completions", OPENAI_CHAT),
    ),
    aliases=("assembly_ai",),
)
