"""Moonshot (Kimi). https://platform.moonshot.ai/docs/api/chat

A stream tells its usage inside the choice.
"""

from typing import Final

from hexr_autoinst.dissect.dialects.anthropic_messages import ANTHROPIC_MESSAGES
from hexr_autoinst.dissect.dialects.openai_family import openai_family
from hexr_autoinst.dissect.vendor import Vendor, post

VENDOR: Final = Vendor(
    name="moonshot",
    provider="moonshot_ai",
    hosts=(
        "api.moonshot.ai",
        "api.moonshot.cn",
        "api.kimi.com",
    ),
    endpoints=(
        *openai_family("(?:/coding)?/v1"),
        post("/(?:anthropic|coding)/v1/messages", ANTHROPIC_MESSAGES),
    ),
    aliases=(
        "moonshotai",
        "kimi",
    ),
)
