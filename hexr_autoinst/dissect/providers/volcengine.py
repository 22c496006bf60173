"""Volcengine Ark (Doubao), abroad BytePlus ModelArk. https://www.volcengine.com/docs/82379"""

from typing import Final

from hexr_autoinst.dissect.dialects.anthropic_messages import ANTHROPIC_MESSAGES
from hexr_autoinst.dissect.dialects.openai_chat import OPENAI_CHAT
from hexr_autoinst.dissect.dialects.openai_embeddings import OPENAI_EMBEDDINGS
from hexr_autoinst.dissect.dialects.openai_family import openai_family
from hexr_autoinst.dissect.vendor import Vendor, post

VENDOR: Final = Vendor(
    name="volcengine",
    provider="volcengine",
    hosts=(r"~ark\.[a-z0-9-]+\.(?:volces|bytepluses)\.com",),
    endpoints=(
        *openai_family("/api(?:/coding)?/v3"),
        post("/api/v3/(?:bots|context)/chat/completions", OPENAI_CHAT),
        post("/api/v3/embeddings/multimodal", OPENAI_EMBEDDINGS),
        post("/api/(?:coding|compatible)/v1/messages", ANTHROPIC_MESSAGES),
    ),
    aliases=(
        "doubao",
        "byteplus",
    ),
)
