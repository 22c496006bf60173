"""Hyperbolic. https://docs.hyperbolic.xyz/docs/rest-api"""

from typing import Final

from hexr_autoinst.dissect.dialects.openai_family import openai_family
from hexr_autoinst.dissect.vendor import Vendor

VENDOR: Final = Vendor(
    name="hyperbolic",
    provider="hyperbolic",
    hosts=("api.hyperbolic.xyz",),
    endpoints=openai_family(),
)
