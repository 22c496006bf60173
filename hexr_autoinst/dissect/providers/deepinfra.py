"""DeepInfra. https://deepinfra.com/docs/openai_api"""

from typing import Final

from hexr_autoinst.dissect.dialects.anthropic_messages import ANTHROPIC_MESSAGES
from hexr_autoinst.dissect.dialects.openai_family import openai_family
from hexr_autoinst.dissect.vendor import Vendor, post

VENDOR: Final = Vendor(
    name="deepinfra",
    provider="deepinfra",
    hosts=("api.deepinfra.com",),
    endpoints=(
        *openai_family("/v1(?:/openai)?"),
        post("/anthropic/v1/messages", ANTHROPIC_MESSAGES),
    ),
)
