"""Cerebras. https://inference-docs.cerebras.ai/api-reference"""

from typing import Final

from hexr_autoinst.dissect.dialects.openai_family import openai_family
from hexr_autoinst.dissect.vendor import Vendor

VENDOR: Final = Vendor(
    name="cerebras",
    provider="cerebras",
    hosts=("api.cerebras.ai",),
    endpoints=openai_family(),
)
