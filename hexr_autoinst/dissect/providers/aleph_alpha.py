"""Aleph Alpha. https://docs.aleph-alpha.com/docs/category/inference/

Tokenizing, explaining and listing models answer nothing that a model has written.
"""

from typing import Final

from hexr_autoinst.dissect.dialects.aleph_alpha import (
    ALEPH_ALPHA_COMPLETE,
    ALEPH_ALPHA_EMBED,
    ALEPH_ALPHA_EVALUATE,
)
from hexr_autoinst.dissect.dialects.openai_chat import OPENAI_CHAT
from hexr_autoinst.dissect.dialects.openai_embeddings import OPENAI_EMBEDDINGS
from hexr_autoinst.dissect.vendor import Vendor, post

VENDOR: Final = Vendor(
    name="aleph_alpha",
    provider="aleph_alpha",
    hosts=("api.aleph-alpha.com", ".aleph-alpha.com"),
    endpoints=(
        post("/complete", ALEPH_ALPHA_COMPLETE),
        post("/evaluate", ALEPH_ALPHA_EVALUATE),
        post("/(?:semantic_|instructable_|batch_semantic_)?embed", ALEPH_ALPHA_EMBED),
        post("(?:/v1)?/chat/completions", OPENAI_CHAT),
        post("(?:/v1)?/embeddings", OPENAI_EMBEDDINGS),
    ),
)
