"""Models of many makers on Azure: Foundry's inference API, and on the same hosts OpenAI's and Anthropic's own. https://learn.microsoft.com/rest/api/aifoundry/modelinference"""

from collections.abc import Mapping
from typing import Any, Final

from hexr_autoinst.dissect.dialects.anthropic_messages import ANTHROPIC_MESSAGES
from hexr_autoinst.dissect.dialects.openai_chat import OPENAI_CHAT
from hexr_autoinst.dissect.dialects.openai_embeddings import OPENAI_EMBEDDINGS
from hexr_autoinst.dissect.dialects.openai_family import openai_family, openai_runs
from hexr_autoinst.dissect.vendor import Vendor, post
from hexr_autoinst.dissect.who import Provider
from hexr_autoinst.model.exchange import Exchange

_HOSTS: Final = (".services.ai.azure.com", ".inference.ai.azure.com", ".models.ai.azure.com")
# GitHub Models' older door.
_GITHUB: Final = "models.inference.ai.azure.com"
_OPENAI: Final = "/openai/(?:deployments/(?P<model>[^/]+)|v1)"


def _tells(exchange: Exchange, value: Mapping[str, Any]) -> Provider | None:  # noqa: ARG001 - the answer says nothing
    """Which of the APIs it is; asked on any host, and sure on these alone."""
    request = exchange.request
    ours = request.host.lower().rstrip(".").endswith(_HOSTS)
    return Provider("azure.ai.openai") if ours and request.path.startswith("/openai/") else None


VENDOR: Final = Vendor(
    name="azure_ai_inference",
    provider="azure.ai.inference",
    hosts=(*_HOSTS, _GITHUB),
    endpoints=(
        post("(?:/models|/v1)?/chat/completions", OPENAI_CHAT),
        post("(?:/models|/v1)?(?:/images)?/embeddings", OPENAI_EMBEDDINGS),
        post("/anthropic/v1/messages", ANTHROPIC_MESSAGES),
        *openai_family(_OPENAI),
        *openai_runs("(?:/openai/v1|/api/projects/[^/]+)"),  # and Foundry's agents
        *openai_family("/api/projects/[^/]+/openai(?:/v1)?"),
    ),
    tells=_tells,
    aliases=("azure_ai", "azure_inference"),
    extras=(("azure.namespace", "Microsoft.CognitiveServices"),),
)
