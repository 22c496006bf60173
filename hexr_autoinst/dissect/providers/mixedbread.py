"""Mixedbread: embeddings and reranking. https://www.mixedbread.com/api-reference"""

from typing import Final

from hexr_autoinst.dissect.dialects.openai_embeddings import OPENAI_EMBEDDINGS
from hexr_autoinst.dissect.dialects.rerank import RERANK
from hexr_autoinst.dissect.vendor import Vendor, post

VENDOR: Final = Vendor(
    name="mixedbread",
    provider="mixedbread",
    hosts=("api.mixedbread.com", "api.mixedbread.ai"),
    endpoints=(post("/v1/embeddings", OPENAI_EMBEDDINGS), post("/v1/rerank(?:ing)?", RERANK)),
    aliases=("mixedbread_ai", "mxbai"),
)
