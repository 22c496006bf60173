"""What a claim is decided on: one request, read once however many dissectors look at it, and who owns its host."""

from dataclasses import dataclass, field
from typing import Any, Final

from hexr_autoinst.dissect import form
from hexr_autoinst.dissect.lenient import parse_cut
from hexr_autoinst.dissect.memory import Memory
from hexr_autoinst.model.exchange import Exchange

_UNREAD: Final = object()


@dataclass(slots=True)
class Question:
    """An exchange that has been asked and not yet answered. `owner`: the name of the vendor whose host it is, if any."""

    exchange: Exchange
    owner: str | None = None
    memory: Memory = field(default_factory=Memory)
    _body: Any = field(default=_UNREAD, repr=False)

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
