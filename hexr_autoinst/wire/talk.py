"""One exchange while it happens: heads and bodies in, `Asked`, `Said` and `Ended` out. Both planes meet here."""

from dataclasses import dataclass, field, replace

from hexr_autoinst.model.exchange import (
    UNTERMINATED,
    Asked,
    Ended,
    Exchange,
    Frame,
    Headers,
    Heard,
    Request,
    Response,
    Said,
)
from hexr_autoinst.model.facts import Message, Side
from hexr_autoinst.wire.body import Body, Both
from hexr_autoinst.wire.budget import Budget
from hexr_autoinst.wire.early import Early
from hexr_autoinst.wire.framing import grpc, websocket
from hexr_autoinst.wire.heads import clean
from hexr_autoinst.wire.identity import Carrier
from hexr_autoinst.wire.kept import clean_body, whole_answer, whole_request
from hexr_autoinst.wire.limits import Limits


@dataclass(slots=True, eq=False)
class Talk:
    """One open exchange. `facts` are spent when it ends; `last` is when its last byte came."""

    carrier: Carrier
    limits: Limits
    budget: Budget
    facts: int = 0
    last: int = 0
    asked: bool = False  # the question was told
    whole: bool = False  # and nothing more comes from its side
    answered: bool = False
    over: bool = False
    dialogue: bool = False
    missing: list[str] = field(default_factory=list)
    request: Request | None = None
    response: Response | None = None
    request_body: Body | None = None
    response_body: Body | None = None
    body_at: int = 0  # when the first byte of the answer's body came
    early: Early = field(init=False)

    def __post_init__(self) -> None:
        """What outruns the question is held by the same budget."""
        self.early = Early(self.budget)

    @property
    def upgraded(self) -> bool:
        """Whether what follows on the connection is another protocol (101, or a tunnel)."""
        if self.request is None or self.response is None:
            return False
        status = self.response.status
        return status == 101 or (self.request.method == "CONNECT" and 200 <= status < 300)

    @property
    def upgrade(self) -> str:
        """Which protocol follows, if it is one that is read here."""
        if self.response is None or self.response.status != 101 or not self.asked:
            return ""
        word = self.response.headers.get("upgrade").strip().lower()
        return word if word in ("websocket", "h2c") else ""

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

    def head(self, side: Side, head: Request | Response, *, cut: bool = False) -> list[Heard]:
        """A message begins. `head` comes redacted (see `heads`)."""
        most = self.limits.fields
        if cut or len(head.headers.fields) > most:
            self.miss(f"truncated:{side}")
            head = replace(head, headers=Headers(head.headers.fields[:most]))
        self.last = max(self.last, head.at)
        body = self._body(head.headers, side)
        before = self.request_body if isinstance(head, Request) else self.response_body
        if before is not None:  # a second head: a plane that parses may tell one
            before.drop()
        if isinstance(head, Request):
            self.request, self.request_body = head, body
            return self._ask(head.at) if body.both is not None else []
        if not self.over:
            self.response, self.response_body, self.body_at = head, body, 0
        return []

    def converse(self, sides: tuple[Both, Both], at: int) -> list[Heard]:
        """From here on both sides speak in messages, until the exchange ends: after an upgrade, or where no HTTP is spoken."""
        heard = self._ask(at, whole=False)
        for body in (self.request_body, self.response_body):
            if body is not None:
                body.drop()
        asked, answered = (
            Body(Headers(), self.limits, self.budget, may_stream=True, both=both) for both in sides
        )
        self.request_body, self.response_body, self.dialogue = asked, answered, True
        return heard

    def data(self, side: Side, data: bytes, at: int) -> list[Heard]:
        """A piece of a body, transfer-encoding off."""
        body = self.request_body if side == "request" else self.response_body
        if body is None or self.over:
            return []
        self.last = at
        if not self.body_at and side == "response":
            self.body_at = at
            if self.response is None and self.dialogue:
                self.response = Response(at, 0, "")  # no HTTP, so no status
        return self._say(body.feed(data, at), at)

    def message(self, side: Side, kind: Message, data: bytes, at: int, *, more: bool) -> list[Heard]:
        """A piece of a WebSocket message, from a plane that parses."""
        heard: list[Heard] = []
        if not self.dialogue and self.response is not None:
            heard = self.converse(websocket.pair(self.limits, ""), at)
        body = self.request_body if side == "request" else self.response_body
        if body is None or self.over:
            return heard
        self.last = at
        if not self.body_at and side == "response":
            self.body_at = at
        return heard + self._say(body.message(kind, data, at, more=more), at)

    def hole(self, side: Side, n: int) -> None:
        """`n` bytes of a body are missing (-1: nobody knows how many)."""
        self.miss("lost_events")
        body = self.request_body if side == "request" else self.response_body
        if body is not None:
            body.hole(n)

    @property
    def closed(self) -> bool:
        """Whether both sides of a dialogue have said that it is over."""
        bodies = (self.request_body, self.response_body)
        return self.dialogue and all(b is not None and b.both is not None and b.both.over for b in bodies)

    def end(
        self, side: Side, at: int, error: str = "", trailers: tuple[tuple[str, str], ...] = ()
    ) -> list[Heard]:
        """A message is over. The exchange is when both are."""
        if self.over or self.request is None:
            return []
        self.last = max(self.last, at)
        if error:
            self.miss(error if error.startswith("closed_by") else self._cut(side))
        heard = self._last_frames(side, at, clean=not error)
        if side == "request":
            heard += self._ask(at)
            self._close_question(at)
        else:
            self.answered = True
            if trailers and self.response is not None:
                self.response = replace(self.response, trailers=clean(trailers[: self.limits.fields]))
        return heard + self._over(at) if self.asked and self.whole and self.answered else heard

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
            heard += self._last_frames("response", self.last, clean=False)
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
        if self.early.take():
            self.miss("truncated:response")

    def _cut(self, side: Side, why: str = "") -> str:
        """A stream without its framing's end may still have its speaker's: the dissector knows."""
        body = self.response_body
        streamed = side == "response" and body is not None and body.frames > 0
        return UNTERMINATED if streamed else why or f"truncated:{side}"

    def _last_frames(self, side: Side, at: int, *, clean: bool) -> list[Heard]:
        """What the end of a side makes whole."""
        body = self.request_body if side == "request" else self.response_body
        if body is None or (side == "request" and body.both is None):
            return []
        return self._say(body.end(at, clean=clean), at)

    def _say(self, frames: list[Frame], at: int) -> list[Heard]:
        """A frame is told after its question; one that outruns it waits, within reason."""
        if not frames:
            return []
        id_ = self.carrier.id
        if self.asked:
            return [Said(at, id_, frame) for frame in frames]
        for place, frame in enumerate(frames, 1):
            if self.early.add(Said(at, id_, frame), self.limits.frame):
                return self._ask(at) + self._say(frames[place:], at)
        return []

    def _ask(self, at: int, *, whole: bool = True) -> list[Heard]:
        """Tell the question. `whole`: all of it is there; else it is a dialogue, and this is its head."""
        request, body = self.request, self.request_body
        if self.asked or request is None or body is None:
            return []
        self.asked, self.whole = True, whole and body.both is None
        if self.whole:
            self._judge(body, "request")
            kept = clean_body(body, request.headers, request)
            self.budget.used += len(kept)
            self.request = request = whole_request(request, kept, body.size, at)
        return [Asked(at, self._exchange(request, None)), *self.early.take()]

    def _close_question(self, at: int) -> None:
        if not self.whole and self.request is not None:
            self.whole = True
            size = self.request_body.size if self.request_body is not None else 0
            self.request = whole_request(self.request, b"", size, at)

    def _over(self, at: int) -> list[Heard]:
        self.over = True
        request, asked, body = self.request, self.request_body, self.response_body
        if request is None:
            return []
        self.budget.used -= len(request.body)
        if asked is not None:
            if asked.both is not None:
                self._judge(asked, "request")
                self._close_question(self.last)
                request = self.request or request
            asked.drop()  # what came after the question was told
        answer = self.response
        if body is not None:
            if answer is not None:
                self._judge(body, "response")
                answer = whole_answer(answer, body, (self.body_at, self.last), self.limits.fields, request)
            body.drop()
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
            c.local, c.peer, tuple(self.missing), self.facts, entry=c.entry, noise=self._noise() if self.dialogue else 0,
        )  # fmt: skip

    def _noise(self) -> int:
        bodies = (self.request_body, self.response_body)
        return sum([b.both.noise for b in bodies if b is not None and b.both is not None])

    def _body(self, headers: Headers, side: Side) -> Body:
        speaks = headers.get("content-type")[: len(grpc.MEDIA)].lower() == grpc.MEDIA
        both = grpc.Grpc(headers, side, self.limits.frame) if speaks else None
        return Body(headers, self.limits, self.budget, may_stream=side == "response", both=both)
