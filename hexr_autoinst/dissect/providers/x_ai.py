"""xAI. https://docs.x.ai/docs/api-reference

Its sums leave reasoning out. A deferred completion is asked for, and fetched once it is there.
"""

from dataclasses import replace
from typing import Final

from hexr_autoinst.dissect.dialects.anthropic_complete import ANTHROPIC_COMPLETE
from hexr_autoinst.dissect.dialects.anthropic_messages import ANTHROPIC_MESSAGES
from hexr_autoinst.dissect.dialects.openai_chat import OPENAI_CHAT
from hexr_autoinst.dissect.dialects.openai_family import openai_family
from hexr_autoinst.dissect.vendor import Vendor, get, post

_DEFERRED: Final = replace(OPENAI_CHAT, name="xai_deferred", fetched=True)

VENDOR: Final = Vendor(
    name="x_ai",
    provider="x_ai",
    hosts=("api.x.ai", ".api.x.ai"),  # us-east-1., eu-west-1.
    endpoints=(
        *openai_family(),
        post("/v1/messages", ANTHROPIC_MESSAGES),
        post("/v1/complete", ANTHROPIC_COMPLETE),
        get("/v1/chat/deferred-completion/[^/]+", _DEFERRED),
    ),
    aliases=("xai", "grok"),
)
