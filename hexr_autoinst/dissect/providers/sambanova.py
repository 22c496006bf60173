"""SambaNova. https://docs.sambanova.ai/docs/en/api-reference"""

from typing import Final

from hexr_autoinst.dissect.dialects.anthropic_messages import ANTHROPIC_MESSAGES
from hexr_autoinst.dissect.dialects.openai_family import openai_family
from hexr_autoinst.dissect.vendor import Vendor, post

VENDOR: Final = Vendor(
    name="sambanova",
    provider="sambanova",
    hosts=(
        "api.sambanova.ai",
        "fast-api.snova.ai",
    ),
    endpoints=(
        *openai_family(),
        post("/v1/messages", ANTHROPIC_MESSAGES),
    ),
)
