"""Featherless. https://featherless.ai/docs/api-reference"""

from typing import Final

from hexr_autoinst.dissect.dialects.openai_family import openai_family
from hexr_autoinst.dissect.vendor import Vendor

VENDOR: Final = Vendor(
    name="featherless",
    provider="featherless",
    hosts=("api.featherless.ai",),
    endpoints=openai_family(),
    aliases=("featherless_ai",),
)
