"""Voyage AI: embeddings, of pictures and of pieces in their context too, and reranking. https://docs.voyageai.com/reference"""

from typing import Final

from hexr_autoinst.dissect.dialects.rerank import RERANK
from hexr_autoinst.dissect.dialects.voyage_embeddings import VOYAGE_EMBEDDINGS
from hexr_autoinst.dissect.vendor import Vendor, post

VENDOR: Final = Vendor(
    name="voyageai",
    provider="voyageai",
    hosts=("api.voyageai.com", "ai.mongodb.com"),
    endpoints=(
        post("/v1/(?:contextualized|multimodal)?embeddings", VOYAGE_EMBEDDINGS),
        post("/v1/rerank", RERANK),
    ),
    aliases=("voyage",),
)
