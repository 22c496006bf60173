"""JSON-RPC 2.0 messages, and the identity of a request: `1` and `"1"` are two ids. https://www.jsonrpc.org/specification"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from hexr_autoinst.dissect.lenient import elements, mapping, signed, text

Id = int | str
_MOST: Final = 1000  # messages of a batch
_LONGEST_ID: Final = 1024  # a longer one would have to be cut, and two that are cut alike are no longer two
_METHOD: Final = 128


@dataclass(frozen=True, slots=True)
class Message:
    """One message. A request has a method and an id, a notification a method alone, an answer a result or an error.

    `id` is None where there is none, where it is null, and where it is nothing that can be an id.
    """

    id: Id | None = None
    method: str | None = None
    params: dict[str, Any] = field(default_factory=dict)
    result: Any = None
    error: dict[str, Any] | None = None

    @property
    def is_request(self) -> bool:
        """Whether it wants an answer."""
        return self.method is not None and self.id is not None

    @property
    def is_answer(self) -> bool:
        """Whether it is one."""
        return self.method is None


def messages(value: Any) -> Iterator[Message]:
    """The messages of a JSON value, alone or in a batch; what is none is left out."""
    for one in elements(value, _MOST) if isinstance(value, list) else [value]:
        if isinstance(one, dict) and one.get("jsonrpc") == "2.0" and (found := _message(one)):
            yield found


def _message(one: dict[str, Any]) -> Message | None:
    method = text(one.get("method"), _METHOD)
    if method is not None:
        return Message(identity(one.get("id")), method, mapping(one, "params"))
    error = one.get("error")
    if error is not None:
        return Message(identity(one.get("id")), error=error if isinstance(error, dict) else {})
    if "result" in one:
        return Message(identity(one.get("id")), result=one["result"])
    return None


def identity(value: Any) -> Id | None:
    """An id that can be compared. A fraction is none, 1.0 is 1 (§4: numbers should not contain fractional parts)."""
    if isinstance(value, str):
        return value if 0 < len(value) <= _LONGEST_ID else None
    return signed(value)


def is_batch(value: Any) -> bool:
    """Whether the messages came in an array."""
    return isinstance(value, list)
