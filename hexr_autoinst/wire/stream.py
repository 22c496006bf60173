"""One byte stream of the kernel plane: which protocol it speaks, who talks it, and what is missing in it.

Every fact that is fed is spent once: on the exchange that its bytes touch first, or as `Skipped`.
"""

from dataclasses import replace
from typing import Final

from hexr_autoinst.errors import WireError
from hexr_autoinst.model.exchange import Heard, Skipped
from hexr_autoinst.model.facts import Chunk, Conn, Direction, Role
from hexr_autoinst.wire.framing import websocket
from hexr_autoinst.wire.framing.jsonlines import Lines
from hexr_autoinst.wire.framing.resp import Resp
from hexr_autoinst.wire.limits import Limits
from hexr_autoinst.wire.recognise import NOISE, Protocol, overhear, recognise
from hexr_autoinst.wire.talk import Talk
from hexr_autoinst.wire.talker import OTHER, Handover, Line, Opener, Talker
from hexr_autoinst.wire.talkers.duplex import Duplex
from hexr_autoinst.wire.talkers.http1 import Http1
from hexr_autoinst.wire.talkers.http2 import Http2

_MOST_EARLY: Final = 256  # chunks that may wait until the protocol is known
_SCHEMES: Final = {"tls": ("https", "rediss"), "socket": ("http", "redis"), "pipe": ("", "")}


class Stream:
    """A connection's two directions. `muted` says why nothing more is read; "" while something is."""

    def __init__(
        self, conn: Conn, limits: Limits, opener: Opener, first: Chunk, role: Role = "unknown"
    ) -> None:
        """`first`: its first chunk. A sequence that does not begin at 0 was joined, whatever the chunk says.

        `role`: the observed process's own, if whoever saw the connection open could tell.
        """
        self.at = first.at
        self.muted = ""
        self._limits = limits
        self._joined = first.joined or first.seq > 0
        self._line = Line(conn, limits, opener, first.seq, joined=self._joined)
        self._hint = role
        self._expected: dict[Direction, int] = {}
        self._early: list[tuple[Chunk, int]] = []
        self._start: dict[Direction, bytes] = {"out": b"", "in": b""}
        self._talker: Talker | None = None

    @property
    def role(self) -> Role:
        """The observed process's own, once it is known."""
        return self._talker.role if self._talker is not None else self._hint

    @property
    def buffered(self) -> int:
        """Bytes held that are not a body's."""
        if self._talker is not None:
            return self._talker.buffered
        return sum(len(chunk.data) for chunk, _ in self._early)

    @property
    def talks(self) -> tuple[Talk, ...]:
        """The exchanges that are open, oldest first."""
        return self._talker.talks if self._talker is not None else ()

    def feed(self, chunk: Chunk) -> list[Heard]:
        """Take one chunk."""
        self.at = chunk.at
        if self.muted:
            return [Skipped(chunk.at, self.muted, 1)]
        direction, seq = chunk.direction, chunk.seq
        expected = self._expected.get(direction, seq)
        self._expected[direction] = seq + 1
        lost = chunk.lost_before or (-1 if seq != expected else 0)
        heard: list[Heard] = []
        talker = self._talker
        try:
            if talker is None:
                self._meet(chunk, lost, heard)
            else:
                if self._joined and not talker.settled and (found := overhear(chunk.data)):
                    heard += talker.quit(chunk.at, "joined_mid_connection")
                    talker = self._talker = self._made(found, chunk)
                talker.feed(chunk, lost, heard)
                if talker.handover is not None:
                    heard += self._hand_over(talker.handover, talker.role, chunk.at)
        except WireError as error:
            heard += self.mute(str(error.facts.get("reason", "not_http")), chunk.at)
        return heard

    def give_up(self) -> None:
        """Free what unfinished heads hold: their messages are lost."""
        if self._talker is not None:
            self._talker.give_up()

    def close(self, at: int, why: str = "") -> list[Heard]:
        """The connection is over; `why` marks what was still open, if anything but its end is to blame."""
        heard = self._talker.close(at, why) if self._talker is not None else []
        return heard + self.mute("cut_off", at, why)

    def mute(self, reason: str, at: int, why: str = "") -> list[Heard]:
        """Read no further: what is open ends here."""
        self.muted = reason
        heard = self._talker.quit(at, reason, why) if self._talker is not None else []
        self._talker = None
        if self._early:
            early, self._early = self._early, []
            heard.append(Skipped(at, reason, len(early)))
        return heard

    def _meet(self, chunk: Chunk, lost: int, heard: list[Heard]) -> None:
        """Recognise the protocol: a joined connection is HTTP/1 until it is heard to be another."""
        self._early.append((chunk, lost))
        start = self._start[chunk.direction] = (self._start[chunk.direction] + chunk.data)[: NOISE + 1]
        found: Protocol | None
        if self._joined:
            found = "lines" if chunk.medium == "pipe" else overhear(chunk.data) or "http1"
        else:
            found = recognise(start, chunk.medium)
        if found is None:
            if len(start) > NOISE or len(self._early) > _MOST_EARLY:
                raise WireError(detail="nothing that is read here", reason="not_json")
            return
        self._talker = self._made(found, chunk)
        while self._early:
            one, missing = self._early.pop(0)
            self._talker.feed(one, missing, heard)
            if self._talker.handover is not None:
                heard += self._hand_over(self._talker.handover, self._talker.role, one.at)

    def _made(self, protocol: Protocol, chunk: Chunk) -> Talker:
        https, rediss = _SCHEMES[chunk.medium]
        said = chunk.direction
        scheme = {"resp": rediss, "lines": "stdio"}.get(protocol, https)
        line = self._line = replace(self._line, scheme=scheme)
        if protocol == "http1":
            return Http1(line, said)
        if protocol == "http2":
            greeted = (chunk.data if self._joined else self._start[said]).startswith(b"P")
            asks: Direction | None = said if greeted else None if self._joined else OTHER[said]
            return Http2(line, asks)
        if protocol == "resp":
            return Duplex(line, said, (Resp("request"), Resp("response")))
        asks = self._speaker(chunk)
        most = self._limits.frame
        return Duplex(
            line,
            asks,
            (Lines("request", most, joined=self._joined), Lines("response", most, joined=self._joined)),
        )

    def _speaker(self, chunk: Chunk) -> Direction:
        """Who asks on a pipe: who began, unless it is known, or what was joined begins with an answer."""
        if self._hint != "unknown":
            return "out" if self._hint == "client" else "in"
        answers = self._joined and b'"method"' not in chunk.data and b'"result"' in chunk.data
        return OTHER[chunk.direction] if answers else chunk.direction

    def _hand_over(self, over: Handover, role: Role, at: int) -> list[Heard]:
        asks: Direction = "out" if role == "client" else "in"
        following: Duplex | Http2
        if over.protocol == "websocket" and over.talk.response is not None:
            extensions = ",".join(over.talk.response.headers.all("sec-websocket-extensions"))
            following = Duplex(self._line, asks, websocket.pair(self._limits, extensions), over.talk)
        else:
            following = Http2(replace(self._line, joined=False), asks, over.talk)
        self._talker = following
        return following.go_on(over.rest, at)
