"""Fireworks. https://docs.fireworks.ai/api-reference

Speech is heard on hosts of its own.
"""

from typing import Final

from hexr_autoinst.dissect.dialects.anthropic_messages import ANTHROPIC_MESSAGES
from hexr_autoinst.dissect.dialects.openai_family import openai_family
from hexr_autoinst.dissect.vendor import Vendor, post

VENDOR: Final = Vendor(
    name="fireworks",
    provider="fireworks",
    hosts=(
        "api.fireworks.ai",
        ".direct.fireworks.ai",
    ),
    endpoints=(
        *openai_family("(?:/inference)?/v1"),
        post("/inference/v1/messages", ANTHROPIC_MESSAGES),
    ),
    aliases=("fireworks_ai",),
)
