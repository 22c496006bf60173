"""MiniMax. https://platform.minimax.io/docs/api-reference

A failure has a good status and stands in `base_resp`.
"""

from typing import Final

from hexr_autoinst.dissect.dialects.anthropic_messages import ANTHROPIC_MESSAGES
from hexr_autoinst.dissect.dialects.minimax import MINIMAX_EMBEDDINGS, MINIMAX_SPEECH
from hexr_autoinst.dissect.dialects.openai_chat import OPENAI_CHAT
from hexr_autoinst.dissect.dialects.openai_family import openai_family
from hexr_autoinst.dissect.dialects.pictures import PICTURES
from hexr_autoinst.dissect.vendor import Vendor, one_of, post

VENDOR: Final = Vendor(
    name="minimax",
    provider="minimax",
    hosts=(
        "api.minimax.io",
        "api.minimaxi.com",
        "api.minimax.chat",
        "api.minimaxi.chat",
    ),
    endpoints=(
        post("/v1/text/chatcompletion_v2", OPENAI_CHAT),
        *one_of(post("/v1/embeddings", MINIMAX_EMBEDDINGS)),
        post("/v1/t2a_v2", MINIMAX_SPEECH),
        post("/v1/image_generation", PICTURES),
        *openai_family(),
        post("/anthropic/v1/messages", ANTHROPIC_MESSAGES),
    ),
)
