"""Baichuan. https://platform.baichuan-ai.com/docs/api"""

from typing import Final

from hexr_autoinst.dissect.dialects.openai_family import openai_family
from hexr_autoinst.dissect.vendor import Vendor

VENDOR: Final = Vendor(
    name="baichuan",
    provider="baichuan",
    hosts=("api.baichuan-ai.com",),
    endpoints=openai_family(),
)
