"""Cohere: both versions of its API, and OpenAI's shapes behind a prefix. https://docs.cohere.com/reference/about

Counting tokens, listing models, jobs and data sets ask no model.
"""

from typing import Final

from hexr_autoinst.dissect.dialects.classify import CLASSIFY
from hexr_autoinst.dissect.dialects.cohere_chat_v1 import COHERE_CHAT_V1
from hexr_autoinst.dissect.dialects.cohere_chat_v2 import COHERE_CHAT_V2
from hexr_autoinst.dissect.dialects.cohere_embed import COHERE_EMBED
from hexr_autoinst.dissect.dialects.cohere_generate import COHERE_GENERATE
from hexr_autoinst.dissect.dialects.ocr import OCR
from hexr_autoinst.dissect.dialects.openai_audio import OPENAI_TRANSCRIPTION
from hexr_autoinst.dissect.dialects.openai_family import openai_family
from hexr_autoinst.dissect.dialects.rerank import RERANK
from hexr_autoinst.dissect.vendor import Vendor, anywhere, post

VENDOR: Final = Vendor(
    name="cohere",
    provider="cohere",
    hosts=("api.cohere.com", "api.cohere.ai", ".cohere.com", ".cohere.ai"),
    endpoints=(
        post("(?:/v1)?/chat", COHERE_CHAT_V1),  # the version was a header once
        post("/v2/chat", COHERE_CHAT_V2),
        post("(?:/v1)?/(?:generate|summarize)", COHERE_GENERATE),
        post("(?:/v[12])?/embed", COHERE_EMBED),
        post("(?:/v[12])?/rerank", RERANK),
        post("(?:/v1)?/classify", CLASSIFY),
        post("/v2/parse", OCR),
        post("/v2/audio/transcriptions", OPENAI_TRANSCRIPTION),
        *openai_family("/compatibility/v1"),
    ),
    elsewhere=anywhere(
        post("/v1/chat", COHERE_CHAT_V1),
        post("/v2/chat", COHERE_CHAT_V2),
        post("/v[12]/embed", COHERE_EMBED),
        post("(?:/v[12])?/rerank", RERANK),
    ),
)
