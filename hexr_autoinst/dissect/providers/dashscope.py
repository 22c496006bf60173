"""Alibaba's Model Studio (Qwen): its own API, and OpenAI's shapes. https://www.alibabacloud.com/help/en/model-studio/qwen-api-reference/"""

from typing import Final

from hexr_autoinst.dissect.dialects.anthropic_messages import ANTHROPIC_MESSAGES
from hexr_autoinst.dissect.dialects.dashscope import DASHSCOPE, DASHSCOPE_INCREMENTAL
from hexr_autoinst.dissect.dialects.dashscope_vectors import DASHSCOPE_EMBEDDINGS, DASHSCOPE_RERANK
from hexr_autoinst.dissect.dialects.openai_family import openai_family
from hexr_autoinst.dissect.vendor import Vendor, anywhere, one_of, post

_SERVICES: Final = "/api/v1/services"
_GENERATION: Final = f"{_SERVICES}/aigc/(?:text|multimodal)-generation/generation"
_OWN: Final = (
    *one_of(post(_GENERATION, DASHSCOPE_INCREMENTAL)),
    post(_GENERATION, DASHSCOPE),
    post(
        f"{_SERVICES}/embeddings/(?:text|multimodal)-embedding/(?:text|multimodal)-embedding",
        DASHSCOPE_EMBEDDINGS,
    ),
    post(f"{_SERVICES}/rerank/text-rerank/text-rerank", DASHSCOPE_RERANK),
)

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
        *_OWN,
        *openai_family("(?:/compatible-mode)?/v1"),
        post("/(?:apps/anthropic|api/v2/apps/claude-code-proxy)/v1/messages", ANTHROPIC_MESSAGES),
    ),
    elsewhere=anywhere(*_OWN),
    aliases=(
        "alibaba",
        "qwen",
    ),
)
