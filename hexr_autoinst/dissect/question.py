"""What a claim is decided on: one request, read once however many dissectors look at it, and who owns its host."""

from dataclasses import dataclass, field
from typing import Any, Final

from hexr_autoinst.dissect import form
from hexr_autoinst.dissect.lenient import parse_cut
from hexr_autoinst.dissect.memory import Memory
from hexr_autoinst.model.exchange import Exchange

_UNREAD: Final = object()
# What a connection that changes to WebSocket is asked by (RFC 6455 section 4.1, RFC 8441 section 5): no method of HTTP's.
WEBSOCKET: Final = "WEBSOCKET"


@dataclass(slots=True)
class Question:
    """An exchange that has been asked and not yet answered. `owner`: the name of the vendor whose host it is, if any."""

    exchange: Exchange
    owner: str | None = None
    memory: Memory = field(default_factory=Memory)
    _body: Any = field(default=_UNREAD, repr=False)

    @property
    def method(self) -> str:
        """The request's, or WEBSOCKET where it asks for one."""
        request = self.exchange.request
        match request.method:
            case "GET" if request.headers.get("upgrade").lower() == "websocket":
                return WEBSOCKET
            case "CONNECT" if request.headers.get(":protocol") == "websocket":
                return WEBSOCKET
            case said:
                return said

    @property
    def path(self) -> str:
        """The path without its last slash."""
        return self.exchange.request.path.rstrip("/")

    @property
    def body(self) -> Any:
        """The request's JSON, or the fields of its form; None where it is neither."""
        if self._body is _UNREAD:
            request = self.exchange.request
            kind = request.headers.get("content-type")
            self._body = form.fields(kind, request.body) if form.is_form(kind) else parse_cut(request.body)
        return self._body
