"""OpenAI's own API, and its two chat shapes wherever else they are spoken."""

import re
from typing import Any, Final
from urllib.parse import unquote

from hexr_autoinst.dissect.claim import Claim, Reading
from hexr_autoinst.dissect.dialects.openai_chat import OPENAI_CHAT
from hexr_autoinst.dissect.dialects.openai_responses import OPENAI_RESPONSES
from hexr_autoinst.dissect.hosts import provider_of
from hexr_autoinst.dissect.lenient import parse_cut
from hexr_autoinst.dissect.reading import Dialect, begin
from hexr_autoinst.model.exchange import Exchange, Request

_OWN: Final = "openai"
_OWN_PATHS: Final = {"/v1/chat/completions": OPENAI_CHAT, "/v1/responses": OPENAI_RESPONSES}
_PATHS: Final = {"/chat/completions": OPENAI_CHAT, "/responses": OPENAI_RESPONSES}
# Azure names the model in the path: https://learn.microsoft.com/azure/ai-foundry/openai/reference
_AZURE: Final = "azure.ai.openai"
_DEPLOYMENT: Final = re.compile(r"/openai/deployments/([^/]{1,256})/")


class _OpenAI:
    """The dissector."""

    name: Final = _OWN

    def claim(self, exchange: Exchange) -> Claim:
        """Certain on OpenAI's own host; elsewhere path and body together must show the shape."""
        request = exchange.request
        dialect = _dialect(request)
        if dialect is None:
            return Claim.NO
        if provider_of(request.host) == _OWN:
            return Claim.HOST
        return Claim.PATH if dialect.shaped(_body(request)) else Claim.NO

    def open(self, exchange: Exchange, *, content: bool) -> Reading:
        """Begin to read in the shape that the path names."""
        dialect = _dialect(exchange.request)
        if dialect is None:
            raise ValueError("an exchange that was not claimed")
        owner = provider_of(exchange.request.host)
        shape = _AZURE if _DEPLOYMENT.search(exchange.request.path) else _OWN
        body = _body(exchange.request)
        return begin(dialect, body, provider=owner or shape, inferred=owner is None, content=content)


OPENAI: Final = _OpenAI()


def _body(request: Request) -> Any:
    """The request's JSON, with the model that only the path names."""
    body = parse_cut(request.body)
    deployment = _DEPLOYMENT.search(request.path)
    if deployment and isinstance(body, dict) and not isinstance(body.get("model"), str):
        return {**body, "model": unquote(deployment[1])}
    return body


def _dialect(request: Request) -> Dialect | None:
    if request.method != "POST":
        return None
    path = request.path.rstrip("/")
    if provider_of(request.host) == _OWN:
        return _OWN_PATHS.get(path)
    return next((d for end, d in _PATHS.items() if path.endswith(end)), None)
