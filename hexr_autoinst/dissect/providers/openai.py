"""OpenAI's own API, and its shapes wherever else they are spoken. https://platform.openai.com/docs/api-reference"""

from typing import Final

from hexr_autoinst.dissect.dialects.openai_chat import OPENAI_CHAT
from hexr_autoinst.dissect.dialects.openai_responses import OPENAI_RESPONSES
from hexr_autoinst.dissect.vendor import Vendor, anywhere, post

_ENDPOINTS: Final = (
    post("/v1/chat/completions", OPENAI_CHAT),
    post("/v1/responses", OPENAI_RESPONSES),
)

VENDOR: Final = Vendor(
    name="openai",
    provider="openai",
    hosts=("api.openai.com", ".api.openai.com"),  # us., eu.: data residency
    endpoints=_ENDPOINTS,
    # Deployments are Azure's: see azure_openai.
    elsewhere=anywhere(
        post("/chat/completions", OPENAI_CHAT),
        post("/responses", OPENAI_RESPONSES),
        unless="/openai/deployments/",
    ),
    loose=(OPENAI_CHAT,),
)
