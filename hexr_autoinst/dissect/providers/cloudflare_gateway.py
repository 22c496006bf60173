"""Cloudflare's AI Gateway: the path names who answers, or says that the model's name does. https://developers.cloudflare.com/ai-gateway/usage/providers/"""

import re
from collections.abc import Mapping
from typing import Any, Final

from hexr_autoinst.dissect.dialects.cloudflare_run import CLOUDFLARE_EMBEDDINGS, CLOUDFLARE_RUN
from hexr_autoinst.dissect.dialects.openai_family import openai_family
from hexr_autoinst.dissect.gateway import asked_model, before_slash, named
from hexr_autoinst.dissect.vendor import Vendor, one_of, post
from hexr_autoinst.dissect.who import Provider
from hexr_autoinst.model.exchange import Exchange

_HOST: Final = "gateway.ai.cloudflare.com"
_GATEWAY: Final = "/v1/[^/]+/[^/]+"
_NAMED: Final = re.compile(f"{_GATEWAY}/([^/]+)/.*")
_COMPATIBLE: Final = "compat"
_WORKERS: Final = f"{_GATEWAY}/workers-ai/(?P<model>(?:@|%40).+)"


def _tells(exchange: Exchange, value: Mapping[str, Any]) -> Provider | None:  # noqa: ARG001 - the answer says nothing
    request = exchange.request
    found = _NAMED.fullmatch(request.path) if request.host.lower() == _HOST else None
    if found is None:
        return None
    return before_slash(asked_model(exchange)) if found[1] == _COMPATIBLE else named(found[1])


VENDOR: Final = Vendor(
    name="cloudflare_gateway",
    provider="",
    hosts=(_HOST,),
    # What else is spoken below a vendor's name is that vendor's shape, wherever it is met.
    endpoints=(
        *openai_family(f"{_GATEWAY}/azure-openai/[^/]+/(?P<model>[^/]+)"),
        *one_of(post(_WORKERS, CLOUDFLARE_EMBEDDINGS), post(_WORKERS, CLOUDFLARE_RUN)),
    ),
    tells=_tells,
)
