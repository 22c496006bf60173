"""Nomic: embeddings of texts; those of pictures come as a form. https://docs.nomic.ai/reference/api/embed-text-v-1-embedding-text-post"""

from typing import Final

from hexr_autoinst.dissect.dialects.nomic_embedding import NOMIC_EMBEDDING
from hexr_autoinst.dissect.vendor import Vendor, post

VENDOR: Final = Vendor(
    name="nomic",
    provider="nomic",
    hosts=("api-atlas.nomic.ai",),
    endpoints=(post("/v1/embedding/(?:text|image)", NOMIC_EMBEDDING),),
)
