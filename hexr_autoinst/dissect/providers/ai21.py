"""AI21: Jamba in OpenAI's shape, and the completions of Jurassic before it. https://docs.ai21.com/reference"""

from typing import Final

from hexr_autoinst.dissect.dialects.ai21_complete import AI21_COMPLETE
from hexr_autoinst.dissect.dialects.openai_chat import OPENAI_CHAT
from hexr_autoinst.dissect.vendor import Vendor, post

VENDOR: Final = Vendor(
    name="ai21",
    provider="ai21",
    hosts=("api.ai21.com",),
    endpoints=(
        post("/studio/v1/chat/completions", OPENAI_CHAT),
        post("/studio/v1/(?P<model>[a-z0-9-]+)/complete", AI21_COMPLETE),
    ),
    aliases=("ai21labs",),
)
