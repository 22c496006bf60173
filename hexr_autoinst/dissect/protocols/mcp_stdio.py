"""MCP over the pipes of a child process: a message a line, in both directions, one exchange for the process's life.

Nothing is told before something that only MCP says has been heard: other JSON-RPC over pipes (LSP, ACP) is not ours.
"""

from typing import Final

from hexr_autoinst.dissect.claim import Heard
from hexr_autoinst.dissect.lenient import parse
from hexr_autoinst.dissect.protocols.jsonrpc import messages
from hexr_autoinst.dissect.protocols.mcp_call import Facts
from hexr_autoinst.dissect.protocols.mcp_ear import Ear, One
from hexr_autoinst.dissect.protocols.mcp_places import PIPE
from hexr_autoinst.dissect.protocols.mcp_session import Session, base
from hexr_autoinst.dissect.protocols.mcp_words import BACKWARDS, CLIENTS
from hexr_autoinst.dissect.protocols.whose import by_message
from hexr_autoinst.dissect.question import Question
from hexr_autoinst.model.exchange import Exchange, Frame
from hexr_autoinst.model.facts import Side

_DOUBTS: Final = 16  # lines without a word of MCP, after which the rest is not looked at


class Pipes:
    """One process's standard input and output."""

    def __init__(self, question: Question, *, content: bool) -> None:
        """`question`: the exchange that the pipes are; its body is the first line, where that has been read."""
        exchange = question.exchange
        whose = (*base(exchange), "pipe", exchange.id)
        wire: Facts = {"mcp.transport": "stdio", "transport": "pipe"}
        self._ear = Ear(exchange, Session(), question.memory, whose, content, wire=wire)
        self._sure = False
        self._doubts = 0
        self._client: Side = "request"

    nested = None

    @property
    def kept(self) -> tuple[str, ...]:
        """What of it is no content: see `mcp_places`. Of lines that may be anybody's nothing is."""
        return PIPE if self._sure else ()

    def begin(self) -> Heard:
        """Nothing: the lines come as frames."""
        return ()

    def frame(self, frame: Frame) -> Heard:
        """A line."""
        if not self._sure and self._doubts > _DOUBTS:
            return ()
        heard: list[One] = []
        found = list(messages(parse(frame.data)))
        for message in found:
            said = by_message(message) == "mcp"
            if said and not self._sure:
                self._sure = True
                self._client = _client(message.method or "", frame.side)
            if self._sure:
                heard += self._ear.says(message, frame.at, server=frame.side != self._client)
        self._doubts += not self._sure
        heard += self._ear.sweep(frame.at)
        return tuple(heard)

    def close(self, exchange: Exchange) -> Heard | None:
        """The pipes are closed: what is open will not be answered."""
        if not self._sure:
            return None
        return tuple(self._ear.close(list(self._ear.own), exchange.ended, exchange.missing))


def _client(method: str, side: Side) -> Side:
    """Which side is the client, whoever opened the pipes."""
    other: Side = "response" if side == "request" else "request"
    if method in CLIENTS:
        return side
    return other if method in BACKWARDS else "request"
