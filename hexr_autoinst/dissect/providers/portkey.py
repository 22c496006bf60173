"""Portkey, at its own host or at yours: a header of the request names who answers. https://portkey.ai/docs/api-reference/inference-api/headers"""

from collections.abc import Mapping
from typing import Any, Final

from hexr_autoinst.dissect.gateway import at, named
from hexr_autoinst.dissect.vendor import Vendor
from hexr_autoinst.dissect.who import Provider
from hexr_autoinst.model.exchange import Exchange

_PROVIDER: Final = "x-portkey-provider"
_HOST: Final = "x-portkey-custom-host"


def _tells(exchange: Exchange, value: Mapping[str, Any]) -> Provider | None:  # noqa: ARG001 - the answer says nothing
    """`@slug` is a name that somebody gave to a vendor's account: it says nothing."""
    headers = exchange.request.headers
    return at(headers.get(_HOST)) or named(headers.get(_PROVIDER))


VENDOR: Final = Vendor(
    name="portkey",
    provider="",
    hosts=("api.portkey.ai", ".api.portkey.ai"),
    tells=_tells,
    kept=(f"{_HOST}:", f"{_PROVIDER}:"),
)
