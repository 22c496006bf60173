"""Anthropic's own API, and its shapes wherever else they are spoken. https://docs.claude.com/en/api/messages

Batches and their results, the counting of tokens, files, skills and lists of models ask no model anything: no span.
"""

from typing import Final

from hexr_autoinst.dissect.dialects.anthropic_complete import ANTHROPIC_COMPLETE
from hexr_autoinst.dissect.dialects.anthropic_messages import ANTHROPIC_MESSAGES
from hexr_autoinst.dissect.vendor import Vendor, anywhere, post

_ENDPOINTS: Final = (post("/v1/messages", ANTHROPIC_MESSAGES), post("/v1/complete", ANTHROPIC_COMPLETE))

VENDOR: Final = Vendor(
    name="anthropic",
    provider="anthropic",
    hosts=("api.anthropic.com",),
    endpoints=_ENDPOINTS,
    elsewhere=anywhere(*_ENDPOINTS),
)
