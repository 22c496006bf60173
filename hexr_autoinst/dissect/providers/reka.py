"""Reka. https://docs.reka.ai/api-reference"""

from typing import Final

from hexr_autoinst.dissect.dialects.openai_family import openai_family
from hexr_autoinst.dissect.dialects.reka import REKA
from hexr_autoinst.dissect.vendor import Vendor, post

VENDOR: Final = Vendor(
    name="reka",
    provider="reka",
    hosts=("api.reka.ai",),
    endpoints=(post("/(?:v1/)?chat", REKA), *openai_family()),
    aliases=("reka_ai",),
)
