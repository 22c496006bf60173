"""One exchange while it happens: heads and bodies in, `Asked`, `Said` and `Ended` out. Both planes meet here."""

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
    body_at: int = 0  # when the first byte of the answer's body came

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

    def head(self, side: Side, head: Request | Response, *, cut: bool = False) -> None:
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
            self.response, self.response_body, self.body_at = head, body, 0

    def data(self, side: Side, data: bytes, at: int) -> list[Heard]:
        """A piece of a body, transfer-encoding off."""
        body = self.request_body if side == "request" else self.response_body
        if body is None or self.over:
            return []
        self.last = at
        if not self.body_at and side == "response":
            self.body_at = at
        frames = body.feed(data, at)
        if not frames:
            return []
        id_ = self.carrier.id
        said: list[Heard] = [Said(at, id_, frame) for frame in frames]
        return said if self.asked else self._wait(said)

    def end(self, side: Side, at: int, error: str = "") -> list[Heard]:
        """A message is over. The exchange is when both are."""
        if self.over or self.request is None:
            return []
        self.last = max(self.last, at)
        if error:
            self.miss(error if error.startswith("closed_by") else self._cut(side))
        if side == "request":
            heard = self._ask(at)
        else:
            self.answered = True
            heard = self._last_frames(at, clean=not error)
        return heard + self._over(at) if self.asked and self.answered else heard

    def close(self, at: int, why: str = "") -> list[Heard]:
        """Nothing more will come: tell what there is. `why` is the mark, if not just that it is cut."""
        if self.over or self.request is None:
            self.over = True
            return []
        heard: list[Heard] = []
        if not self.request.ended:
            self.miss(why or "truncated:request")
        if not self.answered:
            by_itself = not why or why.startswith("closed_by")
            self.miss(self._cut("response", why) if by_itself else why)
            heard += self._last_frames(self.last, clean=False)
        heard += self._ask(self.last)
        return heard + self._over(at)

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

    def _last_frames(self, at: int, *, clean: bool) -> list[Heard]:
        """What the end of the answer makes whole."""
        frames = self.response_body.end(at, clean=clean) if self.response_body else []
        said: list[Heard] = [Said(at, self.carrier.id, frame) for frame in frames]
        return said if self.asked else self._wait(said)

    def _wait(self, told: list[Heard]) -> list[Heard]:
        """A frame is told after its question; one that outruns it waits, within reason."""
        heard: list[Heard] = []
        for said in told:
            if self.asked or not isinstance(said, Said):
                heard.append(said)
                continue
            size = len(said.frame.event) + len(said.frame.data)
            self.early.append(said)
            self.early_size += size
            self.budget.used += size
            if len(self.early) > _MOST_EARLY or self.early_size > self.limits.frame:
                heard += self._ask(said.at)
        return heard

    def _early(self) -> list[Said]:
        """The frames that waited, and their share of the budget back."""
        self.budget.used -= self.early_size
        waited, self.early, self.early_size = self.early, [], 0
        return waited

    def _ask(self, at: int) -> list[Heard]:
        request, body = self.request, self.request_body
        if self.asked or request is None or body is None:
            return []
        self.asked = True
        self._judge(body, "request")
        kept = _clean_body(body, request.headers)
        self.budget.used += len(kept)
        self.request = _whole_request(request, kept, body.size, at)
        return [Asked(at, self._exchange(self.request, None)), *self._early()]

    def _over(self, at: int) -> list[Heard]:
        self.over = True
        request, answer, body = self.request, self.response, self.response_body
        if request is None:
            return []
        self.budget.used -= len(request.body)
        if self.request_body is not None:
            self.request_body.drop()  # what came after the question was told
        if answer is not None and body is not None:
            self._judge(body, "response")
            streamed, kept = body.streamed, _clean_body(body, answer.headers)
            body.drop()
            answer = Response(
                answer.at, answer.status, answer.version, answer.headers, kept, body.size, self.body_at, self.last, streamed
            )  # fmt: skip
        ended = Ended(at, self._exchange(request, answer))
        self.facts = 0
        return [ended]

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


def _whole_request(head: Request, body: bytes, size: int, ended: int) -> Request:
    """As `replace`, which costs four times as much."""
    return Request(
        head.at, head.method, head.scheme, head.host, head.port, head.path, head.query, head.version, head.headers,
        body, size, ended,
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
