"""Zhipu (GLM), abroad Z.ai. https://docs.z.ai/api-reference/llm/chat-completion

A completion may be asked for and fetched once it is there.
"""

from dataclasses import replace
from typing import Final

from hexr_autoinst.dissect.dialects.anthropic_messages import ANTHROPIC_MESSAGES
from hexr_autoinst.dissect.dialects.openai_chat import OPENAI_CHAT
from hexr_autoinst.dissect.dialects.openai_family import openai_family
from hexr_autoinst.dissect.vendor import Vendor, get, post

_FETCHED: Final = replace(OPENAI_CHAT, name="zhipu_result", fetched=True)

VENDOR: Final = Vendor(
    name="zhipu",
    provider="zhipu_ai",
    hosts=("open.bigmodel.cn", "api.z.ai"),
    endpoints=(
        *openai_family("/api(?:/coding)?/paas/v4"),
        post("/api/paas/v4/async/chat/completions", OPENAI_CHAT),
        get("/api/paas/v4/async-result/[^/]+", _FETCHED),
        post("/api/anthropic/v1/messages", ANTHROPIC_MESSAGES),
    ),
    aliases=("zai", "bigmodel", "glm"),
)
