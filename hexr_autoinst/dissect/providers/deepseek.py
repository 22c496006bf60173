"""DeepSeek. https://api-docs.deepseek.com

`/beta` has the same endpoints and more: completions with a suffix, a prefix to go on from.
"""

from typing import Final

from hexr_autoinst.dissect.dialects.anthropic_messages import ANTHROPIC_MESSAGES
from hexr_autoinst.dissect.dialects.openai_family import openai_family
from hexr_autoinst.dissect.vendor import Vendor, post

VENDOR: Final = Vendor(
    name="deepseek",
    provider="deepseek",
    hosts=("api.deepseek.com",),
    endpoints=(
        *openai_family("(?:/v1|/beta)?"),
        post("/anthropic/v1/messages", ANTHROPIC_MESSAGES),
    ),
)
