"""Why a call failed: the provider's own code, else the HTTP status, else what cut the connection."""

from typing import Any, Final

from hexr_autoinst.dissect.lenient import clean, mapping, objects, text, word
from hexr_autoinst.model.exchange import Exchange, Response
from hexr_autoinst.model.operation import Failure

# error.type must be of low cardinality: a sentence is no code.
_LONGEST_CODE: Final = 64
_MESSAGE: Final = 512
UNKNOWN: Final = "_OTHER"  # the convention's word for an error without a name
FILTERED: Final = "content_filter"
# Where codes stand; a message beside them quotes the request.
KEPT: Final = (
    *(f"{e}{c}" for e in ("", "error.", "error.error.", "errors.") for c in ("type", "code", "error_code")),
    "error.status", "__type", "x-amzn-errortype:",
)  # fmt: skip


def _code(*said: Any) -> str | None:
    found = (word(s) for s in said)
    return next((c for c in found if c and len(c) <= _LONGEST_CODE and not any(x.isspace() for x in c)), None)


def stated(value: Any, otherwise: str = UNKNOWN, *, content: bool = False) -> Failure | None:
    """The failure that an answer or a frame states in an `error` member; None if it states none."""
    if isinstance(value, list):  # Google's OpenAI-shaped door wraps its errors in a list
        value = next(objects(value), None)
    if not isinstance(value, dict):
        return None
    if not (error := value.get("error")):
        errors = value.get("errors")  # IBM lists them
        if errors is None or not (error := next(objects(errors), None)):
            return None
    if not isinstance(error, dict):
        return _failure(_code(value.get("code")), error, otherwise, content=content)
    # A gateway nests the vendor's own error one deeper. Google's code is the HTTP status, its name stands in `status`.
    inner = mapping(error, "error")
    named = error.get("status") if isinstance(error.get("code"), int) else None
    code = _code(named, error.get("code"), error.get("type"), inner.get("code"), inner.get("type"))
    return _failure(code, error.get("message"), otherwise, content=content)


def coded(code: Any, message: Any, *, content: bool) -> Failure:
    """A failure whose code and message stand beside each other."""
    return _failure(_code(code), message, UNKNOWN, content=content)


def of_exchange(exchange: Exchange, value: Any, *, content: bool) -> Failure | None:
    """The failure of an exchange by its status, its body, or by its end without an answer."""
    answer = exchange.response
    if answer is not None:
        otherwise = str(answer.status) if answer.status >= 400 else UNKNOWN
        found = stated(value, otherwise, content=content) or _of_aws(answer, value, content=content)
        return found or (_flat(value, otherwise, content=content) if answer.status >= 400 else None)
    # Nothing was answered. A client that gave up has not failed; a server that hung up has.
    return Failure("closed_by_server") if "closed_by_server" in exchange.missing else None


def _flat(value: Any, otherwise: str, *, content: bool) -> Failure:
    """A failure whose members stand beside nothing else: Cerebras', Databricks', SiliconFlow's, vLLM's older ones."""
    said = mapping(value)
    code = _code(said.get("error_code"), said.get("code"), said.get("type"))
    return _failure(code, said.get("message") or said.get("detail"), otherwise, content=content)


def _of_aws(answer: Response, value: Any, *, content: bool) -> Failure | None:
    """AWS names an error in a header field or in `__type`, with a namespace before `#` or behind `:`.

    https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html#operation-error-serialization
    """
    said = mapping(value)
    named = text(answer.headers.get("x-amzn-errortype")) or text(said.get("__type"))
    if answer.status < 400 or named is None:
        return None
    code = _code(named.partition(":")[0].rpartition("#")[2])
    return _failure(code, said.get("message") or said.get("Message"), str(answer.status), content=content)


def _failure(code: str | None, message: Any, otherwise: str, *, content: bool) -> Failure:
    # A message quotes the request (a model, a URL, a piece of the prompt): it is content.
    kept = clean(message, _MESSAGE) if content and isinstance(message, str) else ""
    return Failure(code or otherwise, kept)
