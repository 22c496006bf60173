"""LiteLLM's proxy, at any host: its answers say which address was asked, and pass on the fields that the vendor's answer had. https://docs.litellm.ai/docs/proxy/response_headers"""

from collections.abc import Mapping
from typing import Any, Final

from hexr_autoinst.dissect.gateway import answered, asked_model, at, before_slash
from hexr_autoinst.dissect.vendor import Vendor
from hexr_autoinst.dissect.who import Provider
from hexr_autoinst.model.exchange import Exchange, Headers

_OURS: Final = "x-litellm-"
_ADDRESS: Final = "x-litellm-model-api-base"
_GROUP: Final = "x-litellm-model-group"
# What a vendor's answer has in its head, behind the word that the proxy puts before it. OpenAI's own fields come from Azure too.
_PASSED: Final = (
    ("llm_provider-apim-request-id", "azure.ai.openai"),
    ("llm_provider-azureml-model-session", "azure.ai.openai"),
    ("llm_provider-anthropic-", "anthropic"),
    ("llm_provider-x-amzn-", "aws.bedrock"),
    ("llm_provider-x-groq-", "groq"),
    ("llm_provider-openai-", "openai"),
)


def _tells(exchange: Exchange, value: Mapping[str, Any]) -> Provider | None:  # noqa: ARG001 - its head says it
    """The address, else a field that is one vendor's alone, else what stands before the model's name, which somebody chose."""
    headers = answered(exchange)
    names = [name.lower() for name, _ in headers.fields]
    if not any(name.startswith(_OURS) for name in names):
        return None
    return at(headers.get(_ADDRESS)) or _passed(names) or _prefixed(exchange, headers)


def _passed(names: list[str]) -> Provider | None:
    return next(
        (Provider(vendor) for start, vendor in _PASSED if any(n.startswith(start) for n in names)), None
    )


def _prefixed(exchange: Exchange, headers: Headers) -> Provider | None:
    said = headers.get(_GROUP)
    return before_slash(said, inferred=True) or before_slash(asked_model(exchange), inferred=True)


VENDOR: Final = Vendor(name="litellm", provider="", tells=_tells, kept=(f"{_ADDRESS}:", f"{_GROUP}:"))
