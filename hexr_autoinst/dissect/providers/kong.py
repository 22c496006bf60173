"""Kong's AI Gateway, at any host: a header of the answer names the model that was asked, and before it who answers. https://developer.konghq.com/plugins/ai-proxy/"""

from collections.abc import Mapping
from typing import Any, Final

from hexr_autoinst.dissect.gateway import answered, before_slash
from hexr_autoinst.dissect.vendor import Vendor
from hexr_autoinst.dissect.who import Provider
from hexr_autoinst.model.exchange import Exchange

_MODEL: Final = "x-kong-llm-model"


def _tells(exchange: Exchange, value: Mapping[str, Any]) -> Provider | None:  # noqa: ARG001 - its head says it
    return before_slash(answered(exchange).get(_MODEL))


VENDOR: Final = Vendor(name="kong", provider="", tells=_tells, kept=(f"{_MODEL}:",))
