"""One exchange while it happens: heads and bodies in, `Asked`, `Said` and `Ended` out. Both planes meet here."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

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

_MOST_EARLY = 256  # frames that may wait for a request to be whole


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
    entry: str = ""


@dataclass(slots=True, eq=False)
class Talk:
    """One open exchange. `facts` are spent when it ends; `last` is when its last byte came."""

    carrier: Carrier
    limits: Limits
    budget: Budget
    facts: int = 0
    last: int = 0
    asked: bool = False
    answered: bool = False
    over: bool = False
    missing: list[str] = field(default_factory=list)
    request: Request | None = None
    response: Response | None = None
    request_body: Body | None = None
    response_body: Body | None = None
    early: list[Said] = field(default_factory=list)
    early_size: int = 0

    @property
    def upgraded(self) -> bool:
        """Whether what follows on the connection is another protocol (101, or a tunnel)."""
        if self.request is None or self.response is None:
            return False
        status = self.response.status
        return status == 101 or (self.request.method == "CONNECT" and 200 <= status < 300)

    @property
    def unsent(self) -> bool:
        """Whether the request waits for a permission to send its body, and has sent none of it."""
        return (
            self.request is not None
            and "expect" in self.request.headers
            and self.request_body is not None
            and not self.request_body.size
        )

    def miss(self, what: str) -> None:
        """Mark once what could not be seen."""
        if what not in self.missing:
            self.missing.append(what)

    def head(self, side: Side, head: Request | Response, *, cut: bool = False) -> Iterator[Heard]:
        """A message begins. `head` comes redacted (see `heads`)."""
        most = self.limits.fields
        if cut or len(head.headers.fields) > most:
            self.miss(f"truncated:{side}")
            head = replace(head, headers=Headers(head.headers.fields[:most]))
        self.last = max(self.last, head.at)
        body = Body(head.headers, self.limits, self.budget, may_stream=side == "response")
        before = self.request_body if isinstance(head, Request) else self.response_body
        if before is not None:  # a second head: a plane that parses may tell one
            before.drop()
        if isinstance(head, Request):
            self.request, self.request_body = head, body
        elif not self.over:
            self.response, self.response_body = head, body
        yield from ()

    def data(self, side: Side, data: bytes, at: int) -> Iterator[Heard]:
        """A piece of a body, transfer-encoding off."""
        body = self.request_body if side == "request" else self.response_body
        if body is None or self.over:
            return
        self.last = at
        if side == "response" and self.response and not self.response.body_at:
            self.response = replace(self.response, body_at=at)
        for frame in body.feed(data, at):
            yield from self._say(Said(at, self.carrier.id, frame))

    def end(self, side: Side, at: int, error: str = "") -> Iterator[Heard]:
        """A message is over. The exchange is when both are."""
        if self.over or self.request is None:
            return
        self.last = max(self.last, at)
        if error:
            self.miss(error if error.startswith("closed_by") else self._cut(side))
        if side == "request":
            yield from self._ask(at)
        else:
            self.answered = True
            for frame in self.response_body.end(at, clean=not error) if self.response_body else ():
                yield from self._say(Said(at, self.carrier.id, frame))
        if self.asked and self.answered:
            yield from self._over(at)

    def close(self, at: int, why: str = "") -> Iterator[Heard]:
        """Nothing more will come: tell what there is. `why` is the mark, if not just that it is cut."""
        if self.over or self.request is None:
            self.over = True
            return
        if not self.request.ended:
            self.miss(why or "truncated:request")
        if not self.answered:
            by_itself = not why or why.startswith("closed_by")
            self.miss(self._cut("response", why) if by_itself else why)
            for frame in self.response_body.end(self.last, clean=False) if self.response_body else ():
                yield from self._say(Said(self.last, self.carrier.id, frame))
        yield from self._ask(self.last)
        yield from self._over(at)

    def sacrifice(self) -> None:
        """Give back the memory of the bodies."""
        if self.asked and self.request and self.request.body:
            self.budget.used -= len(self.request.body)
            self.request = replace(self.request, body=b"")
            self.miss("truncated:request")
        for body in (self.request_body, self.response_body):
            if body is not None:
                body.sacrifice()
        if self.early:
            self.miss("truncated:response")
            self._early()

    def _cut(self, side: Side, why: str = "") -> str:
        """A stream without its framing's end may still have its speaker's: the dissector knows."""
        body = self.response_body
        streamed = side == "response" and body is not None and body.frames > 0
        return UNTERMINATED if streamed else why or f"truncated:{side}"

    def _say(self, said: Said) -> Iterator[Heard]:
        """A frame is told after its question; one that outruns it waits, within reason."""
        if self.asked:
            yield said
            return
        size = len(said.frame.event) + len(said.frame.data)
        self.early.append(said)
        self.early_size += size
        self.budget.used += size
        if len(self.early) > _MOST_EARLY or self.early_size > self.limits.frame:
            yield from self._ask(said.at)

    def _early(self) -> list[Said]:
        """The frames that waited, and their share of the budget back."""
        self.budget.used -= self.early_size
        waited, self.early, self.early_size = self.early, [], 0
        return waited

    def _ask(self, at: int) -> Iterator[Heard]:
        request, body = self.request, self.request_body
        if self.asked or request is None or body is None:
            return
        self.asked = True
        self._judge(body, "request")
        kept = _clean_body(body, request.headers)
        self.budget.used += len(kept)
        self.request = replace(request, body=kept, size=body.size, ended=at)
        yield Asked(at, self._exchange(self.request, None))
        yield from self._early()

    def _over(self, at: int) -> Iterator[Heard]:
        self.over = True
        request, answer, body = self.request, self.response, self.response_body
        if request is None:
            return
        self.budget.used -= len(request.body)
        if self.request_body is not None:
            self.request_body.drop()  # what came after the question was told
        if answer is not None and body is not None:
            self._judge(body, "response")
            streamed, kept = body.streamed, _clean_body(body, answer.headers)
            body.drop()
            answer = replace(answer, body=kept, size=body.size, ended=self.last, streamed=streamed)
        yield Ended(at, self._exchange(request, answer))
        self.facts = 0

    def _judge(self, body: Body, side: Side) -> None:
        if body.truncated:
            self.miss(f"truncated:{side}")
        if body.broken:
            self.miss(f"undecodable:{side}")

    def _exchange(self, request: Request, answer: Response | None) -> Exchange:
        c = self.carrier
        return Exchange(
            c.id, c.source, c.key, c.conn, c.ordinal, c.role, request, answer,
            c.local, c.peer, tuple(self.missing), self.facts, entry=c.entry,
        )  # fmt: skip


def _clean_body(body: Body, headers: Headers) -> bytes:
    form = headers.get("content-type").lower().startswith("application/x-www-form-urlencoded")
    return redact.form(body.take()) if form else redact.text(body.take())


def clean(fields: tuple[tuple[str, str], ...]) -> Headers:
    """Header fields without secrets."""
    return Headers(redact.fields(fields))


def split_authority(authority: str) -> tuple[str, int]:
    """Host and port (0: not said) of `user@host:port`, `[v6]:port`; user information is a credential."""
    authority = authority.rpartition("@")[2].strip()
    if authority.startswith("["):
        host, _, rest = authority[1:].partition("]")
        port = rest.removeprefix(":")
    else:
        host, _, port = authority.partition(":")
    return redact.plain(host), int(port) if port.isdecimal() and len(port) < 6 else 0
