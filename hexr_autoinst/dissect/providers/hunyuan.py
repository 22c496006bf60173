"""Tencent Hunyuan, where it speaks as OpenAI does. https://cloud.tencent.com/document/product/1729/111007"""

from typing import Final

from hexr_autoinst.dissect.dialects.anthropic_messages import ANTHROPIC_MESSAGES
from hexr_autoinst.dissect.dialects.openai_family import openai_family
from hexr_autoinst.dissect.vendor import Vendor, post

VENDOR: Final = Vendor(
    name="hunyuan",
    provider="tencent_hunyuan",
    hosts=(
        "api.hunyuan.cloud.tencent.com",
        "api.lkeap.cloud.tencent.com",
    ),
    endpoints=(
        *openai_family(),
        post("/anthropic/v1/messages", ANTHROPIC_MESSAGES),
    ),
    aliases=(
        "tencent",
        "hunyuan",
    ),
)
