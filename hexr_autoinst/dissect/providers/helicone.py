"""Helicone: a proxy before a vendor, whom its host names or a header; and a gateway, where a model's name may end with who is to answer. https://docs.helicone.ai/getting-started/integration-method/gateway"""

from collections.abc import Mapping
from typing import Any, Final

from hexr_autoinst.dissect.gateway import asked_model, at, named
from hexr_autoinst.dissect.vendor import Vendor
from hexr_autoinst.dissect.who import Provider
from hexr_autoinst.model.exchange import Exchange

_HOSTS: Final = (".helicone.ai", ".hconeai.com")
_GATEWAY: Final = "ai-gateway"
_TARGET: Final = ("helicone-target-url", "helicone-openai-api-base")
_LABELS: Final = {"oai": "openai"}  # the other hosts are called as vendors are


def _tells(exchange: Exchange, value: Mapping[str, Any]) -> Provider | None:  # noqa: ARG001 - the answer says nothing
    headers, host = exchange.request.headers, exchange.request.host.lower()
    if target := next((t for name in _TARGET if (t := headers.get(name))), ""):
        return at(target)
    if not host.endswith(_HOSTS):
        return None
    label = host.partition(".")[0]
    if label == _GATEWAY:
        _, slash, word = (asked_model(exchange) or "").rpartition("/")
        return named(word) if slash else None
    return named(_LABELS.get(label, label))


VENDOR: Final = Vendor(
    name="helicone", provider="", hosts=_HOSTS, tells=_tells, kept=tuple(f"{t}:" for t in _TARGET)
)
