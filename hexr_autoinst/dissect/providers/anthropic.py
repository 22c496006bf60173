"""Anthropic's own API, and its message shape wherever else it is spoken. https://docs.claude.com/en/api/messages"""

from typing import Final

from hexr_autoinst.dissect.dialects.anthropic_messages import ANTHROPIC_MESSAGES
from hexr_autoinst.dissect.vendor import Vendor, anywhere, post

# /v1/messages/count_tokens and /v1/messages/batches are no calls of a model.
_MESSAGES: Final = post("/v1/messages", ANTHROPIC_MESSAGES)

VENDOR: Final = Vendor(
    name="anthropic",
    provider="anthropic",
    hosts=("api.anthropic.com",),
    endpoints=(_MESSAGES,),
    elsewhere=anywhere(_MESSAGES),
)
