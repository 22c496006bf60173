"""Novita. https://novita.ai/docs/api-reference"""

from typing import Final

from hexr_autoinst.dissect.dialects.anthropic_messages import ANTHROPIC_MESSAGES
from hexr_autoinst.dissect.dialects.openai_family import openai_family
from hexr_autoinst.dissect.vendor import Vendor, post

VENDOR: Final = Vendor(
    name="novita",
    provider="novita",
    hosts=("api.novita.ai",),
    endpoints=(
        *openai_family("(?:/v3)?/openai(?:/v1)?"),
        post("/anthropic/v1/messages", ANTHROPIC_MESSAGES),
    ),
    aliases=("novita_ai",),
)
