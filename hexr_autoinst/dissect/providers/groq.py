"""Groq. https://console.groq.com/docs/api-reference"""

from typing import Final

from hexr_autoinst.dissect.dialects.openai_family import openai_family
from hexr_autoinst.dissect.vendor import Vendor

VENDOR: Final = Vendor(
    name="groq",
    provider="groq",
    hosts=("api.groq.com",),
    endpoints=openai_family("/openai/v1"),
)
