"""Pydantic's AI Gateway: the path names who answers, and what is said below is that vendor's own. https://ai.pydantic.dev/gateway/"""

import re
from collections.abc import Mapping
from typing import Any, Final

from hexr_autoinst.dissect.gateway import named
from hexr_autoinst.dissect.vendor import Vendor
from hexr_autoinst.dissect.who import Provider
from hexr_autoinst.model.exchange import Exchange

_HOST: Final = re.compile(r"gateway(?:-[a-z]+)?\.pydantic\.dev")
_ROUTE: Final = re.compile("/proxy/([^/]+)/.*")


def _tells(exchange: Exchange, value: Mapping[str, Any]) -> Provider | None:  # noqa: ARG001 - the answer says nothing
    """A route that somebody has named as he liked is nobody's name."""
    request = exchange.request
    found = _ROUTE.fullmatch(request.path) if _HOST.fullmatch(request.host.lower()) else None
    return named(found[1]) if found else None


VENDOR: Final = Vendor(name="pydantic_gateway", provider="", hosts=("~" + _HOST.pattern,), tells=_tells)
