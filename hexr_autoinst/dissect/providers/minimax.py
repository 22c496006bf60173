"""MiniMax. https://platform.minimax.io/docs/api-reference

A failure has a good status and stands in `base_resp`.
"""

from typing import Final

from hexr_autoinst.dissect.dialects.anthropic_messages import ANTHROPIC_MESSAGES
from hexr_autoinst.dissect.dialects.openai_chat import OPENAI_CHAT
from hexr_autoinst.dissect.dialects.openai_family import openai_family
from hexr_autoinst.dissect.vendor import Vendor, post

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
        *openai_family(),
        post("/anthropic/v1/messages", ANTHROPIC_MESSAGES),
    ),
)
