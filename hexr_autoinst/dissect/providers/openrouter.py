"""OpenRouter: a router that answers in its own name, and says whom it has asked. https://openrouter.ai/docs/api-reference/overview

A model's name begins with who made it, which is not who answers: that is `provider` in the answer.
"""

from typing import Final

from hexr_autoinst.dissect.dialects.anthropic_messages import ANTHROPIC_MESSAGES
from hexr_autoinst.dissect.dialects.openai_family import openai_family
from hexr_autoinst.dissect.vendor import Vendor, post

VENDOR: Final = Vendor(
    name="openrouter",
    provider="openrouter",
    hosts=("openrouter.ai", ".openrouter.ai"),
    endpoints=(
        *openai_family("/api/(?:v1|alpha|beta)"),
        post("/api/v1/messages", ANTHROPIC_MESSAGES),
    ),
)
