"""Jina: embeddings, reranking, and a chat that searches. https://api.jina.ai/docs

Reading a page, searching the web and cutting a text into pieces ask no model.
"""

from typing import Final

from hexr_autoinst.dissect.dialects.classify import CLASSIFY
from hexr_autoinst.dissect.dialects.openai_chat import OPENAI_CHAT
from hexr_autoinst.dissect.dialects.openai_embeddings import OPENAI_EMBEDDINGS
from hexr_autoinst.dissect.dialects.rerank import RERANK
from hexr_autoinst.dissect.vendor import Vendor, post

VENDOR: Final = Vendor(
    name="jina",
    provider="jina",
    hosts=("api.jina.ai", "deepsearch.jina.ai", "eu-api.jina.ai"),
    endpoints=(
        post("/v1/embeddings", OPENAI_EMBEDDINGS),
        post("/v1/rerank", RERANK),
        post("/v1/classify", CLASSIFY),
        post("/v1/chat/completions", OPENAI_CHAT),
    ),
    aliases=("jina_ai",),
)
