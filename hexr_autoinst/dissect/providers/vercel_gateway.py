"""Vercel's AI Gateway: the answer says who gave it; a model's name begins with who made the model. https://vercel.com/docs/ai-gateway"""

from collections.abc import Mapping
from typing import Any, Final

from hexr_autoinst.dissect.gateway import asked_model, before_slash, named
from hexr_autoinst.dissect.lenient import mapping, objects, text
from hexr_autoinst.dissect.vendor import Vendor
from hexr_autoinst.dissect.who import Provider
from hexr_autoinst.model.exchange import Exchange

_HOST: Final = "ai-gateway.vercel.sh"
_METADATA: Final = ("provider_metadata", "providerMetadata")
_KEPT: Final = tuple(
    f"{place}{key}.gateway.routing.{who}"
    for place in ("", "choices.message.", "choices.delta.")
    for key in _METADATA
    for who in ("finalProvider", "resolvedProvider")
)


def _tells(exchange: Exchange, value: Mapping[str, Any]) -> Provider | None:
    """Until the answer says it, the maker is the better guess than the shape that is spoken."""
    if exchange.request.host.lower() != _HOST:
        return None
    said = named(_routed(value))
    return said or before_slash(asked_model(exchange), inferred=True)


def _routed(value: Mapping[str, Any]) -> str | None:
    """Beside the answer, or inside the message or delta of its choice."""
    places = [value]
    for choice in objects(value.get("choices"), 1):
        places += [mapping(choice, "message"), mapping(choice, "delta")]
    routes = (mapping(p.get(key), "gateway", "routing") for p in places for key in _METADATA)
    return next((text(r.get("finalProvider") or r.get("resolvedProvider")) for r in routes if r), None)


VENDOR: Final = Vendor(name="vercel_gateway", provider="", hosts=(_HOST,), tells=_tells, kept=_KEPT)
