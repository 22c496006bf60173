"""OpenAI's models on Azure: by deployment, which names the model, or by the v1 paths. https://learn.microsoft.com/azure/ai-foundry/openai/reference"""

from typing import Final

from hexr_autoinst.dissect.dialects.openai_chat import OPENAI_CHAT
from hexr_autoinst.dissect.dialects.openai_family import openai_family, openai_runs
from hexr_autoinst.dissect.vendor import Vendor, anywhere, post

_DEPLOYMENT: Final = "/openai/deployments/(?P<model>[^/]+)"
_DEPLOYMENTS: Final = (
    *openai_family(_DEPLOYMENT),
    post(f"{_DEPLOYMENT}/extensions/chat/completions", OPENAI_CHAT),  # "on your data", of before 2024
)

VENDOR: Final = Vendor(
    name="azure_openai",
    provider="azure.ai.openai",
    hosts=tuple(
        f".{service}.azure.{land}"
        for service in ("openai", "cognitiveservices")
        for land in ("com", "us", "cn")
    ),
    endpoints=(*_DEPLOYMENTS, *openai_family("/openai(?:/v1)?"), *openai_runs("/openai(?:/v1)?")),
    elsewhere=anywhere(*_DEPLOYMENTS),
    aliases=("azure", "azure_ai_openai"),
)
