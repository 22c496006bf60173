"""01.AI (Yi). https://platform.lingyiwanwu.com/docs/api-reference"""

from typing import Final

from hexr_autoinst.dissect.dialects.openai_family import openai_family
from hexr_autoinst.dissect.vendor import Vendor

VENDOR: Final = Vendor(
    name="zero_one",
    provider="01_ai",
    hosts=(
        "api.lingyiwanwu.com",
        "api.01.ai",
    ),
    endpoints=openai_family(),
    aliases=("01ai",),
)
