"""Pinecone's hosted models: embeddings and reranking. Its indexes are a database, and are none. https://docs.pinecone.io/reference/api/latest/inference"""

from typing import Final

from hexr_autoinst.dissect.dialects.rerank import RERANK
from hexr_autoinst.dissect.dialects.voyage_embeddings import VOYAGE_EMBEDDINGS
from hexr_autoinst.dissect.vendor import Vendor, post

VENDOR: Final = Vendor(
    name="pinecone",
    provider="pinecone",
    hosts=("api.pinecone.io",),
    endpoints=(post("/embed", VOYAGE_EMBEDDINGS), post("/rerank", RERANK)),
)
