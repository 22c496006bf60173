"""One exchange while it happens: heads and bodies in, `Asked`, `Said` and `Ended` out. Both planes meet here."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from hexr_autoinst.errors import WireError
from hexr_autoinst.model.exchange import (
    UNTERMINATED,
    Asked,
    Ended,
    Exchange,
    Headers,
    Heard,
    Request,
    Response,
    Said,
)
from hexr_autoinst.model.facts import Address, Conn, Key, Role, Side, Source
from hexr_autoinst.wire import redact
from hexr_autoinst.wire.body import Body, Budget
from hexr_autoinst.wire.limits import Limits


@dataclass(slots=True)
class Carrier:
    """What carries an exchange: whose, which, the how-manieth, in which role."""

    id: str
    source: Source
    key: Key | None
    conn: Conn | str
    ordinal: int
    role: Role
    local: Address | None = None
    peer: Address | None = None


@dataclass(slots=True)
class Talk:
    """One open exchange. `facts` are spent when it ends."""

    carrier: Carrier
    limits: Limits
    budget: Budget
    facts: int = 0
    touched: int = 0
    asked: bool = False
    over: bool = False
    missing: list[str] = field(default_factory=list)
    request: Request | None = None
    response: Response | None = None
    request_body: Body | None = None
    response_body: Body | None = None

    def miss(self, what: str) -> None:
        """Mark once what could not be seen."""
        if what not in self.missing:
            self.missing.append(what)

    def head(self, side: Side, head: Request | Response, *, cut: bool = False) -> Iterator[Heard]:
        """A message begins. `head` comes redacted (see `request_of`, `response_of`)."""
        if cut:
            self.miss(f"truncated:{side}")
        if isinstance(head, Request):
            self.request = head
            self.request_body = Body(head.headers, self.limits, self.budget, may_stream=False)
        elif not self.over:
            self.response = head
            self.response_body = Body(head.headers, self.limits, self.budget, may_stream=True)
        yield from ()

    def data(self, side: Side, data: bytes, at: int) -> Iterator[Heard]:
        """A piece of a body, transfer-encoding off."""
        body = self.request_body if side == "request" else self.response_body
        if body is None or self.over:
            return
        for frame in body.feed(data, at):
            if not self.asked:
                yield self._ask(at)
            yield Said(at, self.carrier.id, frame)

    def end(self, side: Side, at: int, error: str = "") -> Iterator[Heard]:
        """A message is over."""
        if self.over:
            return
        if error:
            self.miss(self._cut(side, error))
        if side == "request":
            if not self.asked and self.request:
                self.request = replace(self.request, ended=at)
                yield self._ask(at)
            return
        if self.response_body:
            for frame in self.response_body.end(at):
                if not self.asked:
                    yield self._ask(at)
                yield Said(at, self.carrier.id, frame)
        yield from self.close(at, answered=True)

    def _cut(self, side: Side, error: str) -> str:
        """A stream without its framing's end may still have its speaker's: the dissector knows."""
        if error.startswith(("closed_by", "idle")):
            return error
        body = self.response_body
        streamed = side == "response" and body is not None and body.frames > 0
        return UNTERMINATED if streamed else f"truncated:{side}"

    def close(self, at: int, *, answered: bool = False) -> Iterator[Heard]:
        """Nothing more will come: tell what there is."""
        if self.over or self.request is None:
            self.over = True
            return
        if not self.asked:
            if not self.request.ended and not answered:
                self.miss("truncated:request")
            yield self._ask(at)
        self.over = True
        yield Ended(at, self._exchange(at))
        self.facts = 0

    def sacrifice(self) -> None:
        """Give back the memory of the bodies."""
        for body in (self.request_body, self.response_body):
            if body is not None:
                body.sacrifice()

    def _ask(self, at: int) -> Asked:
        self.asked = True
        request, body = self._question()
        self._judge(body, "request")
        kept = redact.text(body.take())
        self.request = replace(request, body=kept, size=body.size, ended=request.ended or at)
        return Asked(at, self._exchange(at))

    def _question(self) -> tuple[Request, Body]:
        """The request and its body; both are there before anything is told of an exchange."""
        if self.request is None or self.request_body is None:
            raise WireError(detail="an answer before its question")
        return self.request, self.request_body

    def _judge(self, body: Body, side: Side) -> None:
        if body.truncated:
            self.miss(f"truncated:{side}")
        if body.broken:
            self.miss(f"undecodable:{side}")

    def _exchange(self, at: int) -> Exchange:
        request, _ = self._question()
        answer, body = self.response, self.response_body
        if self.over and answer is not None and body is not None:
            self._judge(body, "response")
            streamed = body.frames > 0
            kept = b"" if streamed else redact.text(body.take())
            answer = replace(answer, body=kept, size=body.size, ended=at, streamed=streamed)
        c = self.carrier
        return Exchange(
            c.id, c.source, c.key, c.conn, c.ordinal, c.role, request, answer,
            c.local, c.peer, tuple(self.missing), self.facts,
        )  # fmt: skip


def clean(fields: tuple[tuple[str, str], ...]) -> Headers:
    """Header fields without secrets."""
    return Headers(tuple((name, redact.field(name, value)) for name, value in fields))


def split_authority(authority: str) -> tuple[str, int]:
    """Host and port (0: not said) of `user@host:port`, `[v6]:port`; user information is a credential."""
    authority = authority.rpartition("@")[2].strip()
    if authority.startswith("["):
        host, _, rest = authority[1:].partition("]")
        port = rest.removeprefix(":")
    else:
        host, _, port = authority.partition(":")
    return redact.plain(host), int(port) if port.isdecimal() and len(port) < 6 else 0
