"""Alibaba's Model Studio (Qwen), where it speaks as OpenAI does. https://www.alibabacloud.com/help/en/model-studio/compatibility-of-openai-with-dashscope"""

from typing import Final

from hexr_autoinst.dissect.dialects.anthropic_messages import ANTHROPIC_MESSAGES
from hexr_autoinst.dissect.dialects.openai_family import openai_family
from hexr_autoinst.dissect.vendor import Vendor, post

VENDOR: Final = Vendor(
    name="dashscope",
    provider="dashscope",
    hosts=(
        "dashscope.aliyuncs.com",
        "dashscope-intl.aliyuncs.com",
        "dashscope-us.aliyuncs.com",
        "coding.dashscope.aliyuncs.com",
        "coding-intl.dashscope.aliyuncs.com",
    ),
    endpoints=(
        *openai_family("(?:/compatible-mode)?/v1"),
        post("/(?:apps/anthropic|api/v2/apps/claude-code-proxy)/v1/messages", ANTHROPIC_MESSAGES),
    ),
    aliases=(
        "alibaba",
        "qwen",
    ),
)
