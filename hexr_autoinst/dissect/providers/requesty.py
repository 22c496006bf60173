"""Requesty: a router whose models' names begin with who answers. https://docs.requesty.ai/api-reference"""

from collections.abc import Mapping
from typing import Any, Final

from hexr_autoinst.dissect.gateway import asked_model, before_slash
from hexr_autoinst.dissect.vendor import Vendor
from hexr_autoinst.dissect.who import Provider
from hexr_autoinst.model.exchange import Exchange

_HOSTS: Final = ("router.requesty.ai", "router.eu.requesty.ai")


def _tells(exchange: Exchange, value: Mapping[str, Any]) -> Provider | None:  # noqa: ARG001 - the request says it
    return before_slash(asked_model(exchange)) if exchange.request.host.lower() in _HOSTS else None


VENDOR: Final = Vendor(name="requesty", provider="", hosts=_HOSTS, tells=_tells)
