"""OpenAI's models on Azure: by deployment, which names the model, or by the v1 paths. https://learn.microsoft.com/azure/ai-foundry/openai/reference"""

from typing import Final

from hexr_autoinst.dissect.dialects.openai_chat import OPENAI_CHAT
from hexr_autoinst.dissect.dialects.openai_responses import OPENAI_RESPONSES
from hexr_autoinst.dissect.vendor import Vendor, anywhere, post

_DEPLOYMENTS: Final = (post("/openai/deployments/(?P<model>[^/]+)/chat/completions", OPENAI_CHAT),)

VENDOR: Final = Vendor(
    name="azure_openai",
    provider="azure.ai.openai",
    hosts=(".openai.azure.com", ".cognitiveservices.azure.com"),
    endpoints=(
        *_DEPLOYMENTS,
        post("/openai/v1/chat/completions", OPENAI_CHAT),
        post("/openai(?:/v1)?/responses", OPENAI_RESPONSES),
    ),
    elsewhere=anywhere(*_DEPLOYMENTS),
    aliases=("azure", "azure_ai_openai"),
)
