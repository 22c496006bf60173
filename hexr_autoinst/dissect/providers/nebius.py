"""Nebius. https://docs.tokenfactory.nebius.com/api-reference"""

from typing import Final

from hexr_autoinst.dissect.dialects.openai_family import openai_family
from hexr_autoinst.dissect.vendor import Vendor

VENDOR: Final = Vendor(
    name="nebius",
    provider="nebius",
    hosts=(r"~api\.(?:studio|tokenfactory)(?:\.[a-z0-9-]+)?\.nebius\.(?:com|ai)",),
    endpoints=openai_family(),
)
