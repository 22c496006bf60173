"""SiliconFlow. https://docs.siliconflow.com/en/api-reference"""

from typing import Final

from hexr_autoinst.dissect.dialects.anthropic_messages import ANTHROPIC_MESSAGES
from hexr_autoinst.dissect.dialects.openai_family import openai_family
from hexr_autoinst.dissect.vendor import Vendor, post

VENDOR: Final = Vendor(
    name="siliconflow",
    provider="siliconflow",
    hosts=(
        "api.siliconflow.com",
        "api.siliconflow.cn",
    ),
    endpoints=(
        *openai_family(),
        post("/v1/messages", ANTHROPIC_MESSAGES),
    ),
)
