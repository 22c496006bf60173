"""Together. https://docs.together.ai/reference"""

from typing import Final

from hexr_autoinst.dissect.dialects.openai_family import openai_family
from hexr_autoinst.dissect.vendor import Vendor

VENDOR: Final = Vendor(
    name="together",
    provider="together_ai",
    hosts=(
        "api.together.xyz",
        "api.together.ai",
    ),
    endpoints=openai_family(),
    aliases=(
        "together_ai",
        "togetherai",
    ),
)
