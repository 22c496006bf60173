"""Mistral. https://docs.mistral.ai/api/

Agents are made, files and batches sent, models tuned and conversations read without asking a model.
"""

from typing import Final

from hexr_autoinst.dissect.dialects.classify import CLASSIFY
from hexr_autoinst.dissect.dialects.mistral_chat import MISTRAL_CHAT, MISTRAL_FIM
from hexr_autoinst.dissect.dialects.mistral_conversations import MISTRAL_CONVERSATIONS
from hexr_autoinst.dissect.dialects.mistral_transcription import MISTRAL_TRANSCRIPTION
from hexr_autoinst.dissect.dialects.ocr import OCR
from hexr_autoinst.dissect.dialects.openai_audio import OPENAI_SPEECH
from hexr_autoinst.dissect.dialects.openai_embeddings import OPENAI_EMBEDDINGS
from hexr_autoinst.dissect.dialects.openai_moderations import OPENAI_MODERATIONS
from hexr_autoinst.dissect.dialects.openai_responses import OPENAI_RESPONSES
from hexr_autoinst.dissect.vendor import Vendor, anywhere, post

_FIM: Final = post("/v1/fim/completions", MISTRAL_FIM)

VENDOR: Final = Vendor(
    name="mistral",
    provider="mistral_ai",
    hosts=("api.mistral.ai", "codestral.mistral.ai", ".mistral.ai"),
    endpoints=(
        post("/v1/(?:agents|chat)/completions", MISTRAL_CHAT),
        _FIM,
        post("/v1/conversations(?:/[^/]+(?:/restart)?)?", MISTRAL_CONVERSATIONS),
        post("/v1/responses", OPENAI_RESPONSES),
        post("/v1/embeddings", OPENAI_EMBEDDINGS),
        post("/v1/ocr", OCR),
        post("/v1/(?:chat/)?moderations", OPENAI_MODERATIONS),
        post("/v1/(?:chat/)?classifications", CLASSIFY),
        post("/v1/audio/transcriptions", MISTRAL_TRANSCRIPTION),
        post("/v1/audio/speech", OPENAI_SPEECH),
    ),
    elsewhere=anywhere(_FIM),
    aliases=("mistralai",),
)
