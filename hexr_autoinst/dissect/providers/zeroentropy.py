"""ZeroEntropy: reranking and embeddings. https://docs.zeroentropy.dev/api-reference/models"""

from typing import Final

from hexr_autoinst.dissect.dialects.rerank import RERANK
from hexr_autoinst.dissect.dialects.voyage_embeddings import VOYAGE_EMBEDDINGS
from hexr_autoinst.dissect.vendor import Vendor, post

VENDOR: Final = Vendor(
    name="zeroentropy",
    provider="zeroentropy",
    hosts=("api.zeroentropy.dev", "eu-api.zeroentropy.dev"),
    endpoints=(post("/v1/models/rerank", RERANK), post("/v1/models/embed", VOYAGE_EMBEDDINGS)),
)
