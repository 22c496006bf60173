"""Inception (Mercury). https://docs.inceptionlabs.ai/api-reference"""

from typing import Final

from hexr_autoinst.dissect.dialects.openai_chat import OPENAI_CHAT
from hexr_autoinst.dissect.dialects.openai_completions import OPENAI_COMPLETIONS
from hexr_autoinst.dissect.dialects.openai_family import openai_family
from hexr_autoinst.dissect.vendor import Vendor, post

VENDOR: Final = Vendor(
    name="inception",
    provider="inception",
    hosts=("api.inceptionlabs.ai",),
    endpoints=(
        *openai_family(),
        post("/v1/fim/completions", OPENAI_COMPLETIONS),
        post("/v1/(?:edit|apply)/completions", OPENAI_CHAT),
    ),
)
