"""Upstage (Solar). https://console.upstage.ai/api/chat"""

from typing import Final

from hexr_autoinst.dissect.dialects.openai_family import openai_family
from hexr_autoinst.dissect.vendor import Vendor

VENDOR: Final = Vendor(
    name="upstage",
    provider="upstage",
    hosts=("api.upstage.ai",),
    endpoints=openai_family("/v[12](?:/solar)?"),
)
