"""One exchange for as long as the connection lasts, both sides in messages: WebSocket, RESP, JSON on pipes.

Its framings know where messages begin; this knows who asks, and when it is over.
"""

from hexr_autoinst.model.exchange import Heard, Request
from hexr_autoinst.model.facts import Chunk, Direction, Role, Side
from hexr_autoinst.wire.body import Both
from hexr_autoinst.wire.talk import Talk
from hexr_autoinst.wire.talker import OTHER, Handover, Line, pay, spend


class Duplex:
    """`asks`: the direction in which the client speaks."""

    buffered = 0  # what is held, the bodies account for
    settled = True

    def __init__(
        self, line: Line, asks: Direction, sides: tuple[Both, Both], talk: Talk | None = None
    ) -> None:
        """`talk`: of the exchange that asked for this protocol; None: the connection is the exchange."""
        self.role: Role = "client" if asks == "out" else "server"
        self.handover: Handover | None = None
        self._line = line
        self._asks = asks
        self._sides = sides
        self._whole = talk is None
        self._talk = talk
        self.held = 0  # facts that wait

    @property
    def talks(self) -> tuple[Talk, ...]:
        """The exchange, while it is open."""
        return (self._talk,) if self._talk is not None and not self._talk.over else ()

    def feed(self, chunk: Chunk, lost: int, heard: list[Heard]) -> None:
        """Take one chunk."""
        self.held += 1
        talk = self._talk
        if talk is None:
            talk = self._begin(chunk, heard)
        if talk.over:
            heard += spend(self, chunk.at, "after_end")
            return
        pay(self, talk)
        side: Side = "request" if chunk.direction == self._asks else "response"
        if lost:
            talk.hole(side, lost)
        if chunk.data:
            self._take(talk, side, chunk.data, chunk.at, heard)

    def go_on(self, rest: dict[Direction, bytes], at: int) -> list[Heard]:
        """Go on in the exchange that has asked for this; `rest` has come with the answer."""
        if self._talk is None:
            return []
        heard = self._talk.converse(self._sides, at)
        for direction in (self._asks, OTHER[self._asks]):
            if data := rest.get(direction):
                self._take(self._talk, "request" if direction == self._asks else "response", data, at, heard)
        return heard

    def give_up(self) -> None:
        """The bodies have given up what they held."""

    def close(self, at: int, why: str = "") -> list[Heard]:
        """The connection is over. Where it is the exchange, that is how it ends, whoever closes it."""
        talk = self._talk
        heard: list[Heard] = []
        if talk is not None and self._whole and (not why or why.startswith("closed_by")):
            heard = _end(talk, talk.last)
        return heard + self.quit(at, "cut_off", why)

    def quit(self, at: int, reason: str, why: str = "") -> list[Heard]:
        """Read no further."""
        heard: list[Heard] = []
        for talk in self.talks:
            heard += talk.close(at, why)
        return heard + spend(self, at, reason)

    def _take(self, talk: Talk, side: Side, data: bytes, at: int, heard: list[Heard]) -> None:
        heard += talk.data(side, data, at)
        if talk.closed:
            heard += _end(talk, at)

    def _begin(self, chunk: Chunk, heard: list[Heard]) -> Talk:
        talk = self._talk = self._line.opener(self._line.conn, self._line.first, 0, self.role)
        peer = talk.carrier.peer if self.role == "client" else talk.carrier.local
        host, port = (peer.host, peer.port) if peer is not None and peer.networked else ("", 0)
        if self._line.joined:
            talk.miss("joined_mid_connection")
        request = Request(chunk.at, "STREAM", self._line.scheme, host, port, "", version="")
        heard += talk.head("request", request)
        heard += talk.converse(self._sides, chunk.at)
        return talk


def _end(talk: Talk, at: int) -> list[Heard]:
    heard = [] if talk.whole else talk.end("request", at)
    return heard + talk.end("response", at)
