"""MCP over HTTP, every transport: what is posted, what is fetched as a stream, and the end of a session.

An answer comes in the POST's own answer (JSON, a batch, a stream), on the stream that the client fetched before (the transport
of 2024-11-05), or on one that it fetched to go on where another broke off. https://modelcontextprotocol.io/specification
"""

import base64
import binascii
from collections.abc import Iterable
from typing import Final

from hexr_autoinst.dissect.claim import Heard
from hexr_autoinst.dissect.failure import of_exchange
from hexr_autoinst.dissect.lenient import parse, parse_cut, text
from hexr_autoinst.dissect.protocols.jsonrpc import Message, is_batch, messages
from hexr_autoinst.dissect.protocols.mcp_call import CANCELLED, Call, Facts, Outcome
from hexr_autoinst.dissect.protocols.mcp_ear import Ear, One
from hexr_autoinst.dissect.protocols.mcp_places import HTTP, posted
from hexr_autoinst.dissect.protocols.mcp_session import (
    Session,
    endpoint,
    known,
    name,
    posted_to,
    scope,
    session_at,
)
from hexr_autoinst.dissect.protocols.mcp_words import LISTEN, STATELESS
from hexr_autoinst.dissect.protocols.whose import remember
from hexr_autoinst.dissect.question import Question
from hexr_autoinst.model.exchange import Exchange, Frame, Request
from hexr_autoinst.model.operation import Failure

_ACCEPTED: Final = 202


def ear(question: Question, *, content: bool) -> Ear:
    """Who listens to an exchange over HTTP, and what is known of its session."""
    exchange, memory = question.exchange, question.memory
    request = exchange.request
    session_id = text(request.headers.get("mcp-session-id"))
    old = endpoint(exchange, posted_to(request))
    posted = session_id is None and known(memory, old) is not None
    where = old if posted else scope(exchange, session_id)
    session = session_at(memory, where)
    version = text(request.headers.get("mcp-protocol-version"), 64)
    kind = "http_sse" if session.legacy else "streamable_http"
    joins = session_id or (request.query.rpartition("=")[2] if session.legacy else None)
    wire: Facts = {"mcp.transport": kind}
    return Ear(exchange, session, memory, where, content, session_id, joins, version, wire)


class Post:
    """Messages that the client sends, and the answers that come back on the same exchange or elsewhere."""

    def __init__(self, question: Question, *, content: bool) -> None:
        """`question`: the POST."""
        self._ear = ear(question, content=content)
        self._body = question.body
        self._initialize: tuple[Call, Message, int] | None = None
        self._primed = self._framed = False
        if not self._ear.session_id:
            remember(question.memory, question.exchange.request, "mcp")

    nested = None

    @property
    def kept(self) -> tuple[str, ...]:
        """What of it is no content: see `mcp_places`."""
        request = self._ear.exchange.request
        return (*HTTP, *posted(request.query)) if self._ear.session.legacy else HTTP

    def begin(self) -> Heard:
        """What the client says: requests begin calls, answers end the server's."""
        request, found = self._ear.exchange.request, list(messages(self._body))
        batch = is_batch(self._body)
        heard: list[One] = []
        for message in found:
            first = message.is_request and not batch
            heard += self._ear.says(message, request.ended or request.at, server=False, first=first)
        self._named(request)
        return tuple(heard)

    def _named(self, request: Request) -> None:
        """What the header says of the one call, where the body was cut before it could."""
        said = header_name(request.headers.get("mcp-name"))
        for call in self._ear.own if said and len(self._ear.own) == 1 else ():
            key = {"tools/call": "tool", "prompts/get": "prompt"}.get(call.method, "resource")
            call.facts[key] = call.facts.get(key) or said
            call.target = call.target or (said if key != "resource" else None)

    def frame(self, frame: Frame) -> Heard:
        """An event of the answer."""
        self._framed = True
        self._primed = self._primed or not frame.data  # an event without data, to go on from (2025-11-25)
        heard = [*self._answer(messages(parse(frame.data)), frame.at), *self._ear.sweep(frame.at)]
        return tuple(heard)

    def close(self, exchange: Exchange) -> Heard:
        """The POST is over; who has had no answer in it may have one elsewhere."""
        self._ear.exchange = exchange
        heard: list[One] = []
        answer = exchange.response
        if answer is not None and not self._framed:
            heard += self._answer(messages(parse_cut(answer.body)), answer.ended or answer.at, alone=True)
        heard += self._settle(exchange)
        heard += self._rest(exchange)
        return tuple(heard)

    def _answer(self, found: Iterable[Message], at: int, *, alone: bool = False) -> list[One]:
        heard: list[One] = []
        for message in found:
            mine = self._mine(message, alone=alone) if message.is_answer else None
            if mine is not None and mine.method == "initialize":
                # Its session's id stands in the answer's head, which is known when the exchange is over.
                self._ear.learn(mine, message.result)
                self._initialize = self._initialize or (mine, message, at)
            elif mine is not None and mine.id != message.id:
                heard.append(self._ear.end(mine, Outcome(at, message, response=self._ear.exchange.response)))
            else:
                heard += self._ear.says(message, at, server=True)
        return heard

    def _mine(self, message: Message, *, alone: bool) -> Call | None:
        """The call of this POST that an answer is for. Servers that could not read an id answer with one of their own."""
        mine = [c for c in self._ear.own if not c.over and not c.backwards]
        same = [c for c in mine if type(c.id) is type(message.id) and c.id == message.id]
        if len(same) == 1:
            return same[0]
        unread = message.error is not None and (message.id is None or message.id == "server-error")
        return mine[0] if len(mine) == 1 and not same and (alone or unread) else None

    def _settle(self, exchange: Exchange) -> list[One]:
        """`initialize` has been answered: the session has its name."""
        if self._initialize is None or self._initialize[0].over:
            return []
        call, message, at = self._initialize
        said = text(exchange.response.headers.get("mcp-session-id")) if exchange.response else None
        if said:
            self._ear.session_id = call.session = said
            named = Session(self._ear.session.version, self._ear.session.client, self._ear.session.server)
            name(self._ear.memory, scope(exchange, said), named)
        return [self._ear.end(call, Outcome(at, message, response=exchange.response))]

    def _rest(self, exchange: Exchange) -> list[One]:
        """Calls without an answer: told as they are, unless it comes on another stream."""
        ear, answer = self._ear, exchange.response
        mine = [c for c in ear.own if not c.over]
        if ear.session.streaming and answer is not None and answer.status in (200, _ACCEPTED):
            for call in mine:
                call.parked = True
            return []
        if (
            self._primed
            and answer is not None
            and ear.session_id
            and "closed_by_server" not in exchange.missing
        ):
            for call in mine:
                call.parked = call.parked or not call.backwards
            mine = [c for c in mine if c.backwards]
        failure = of_exchange(exchange, parse_cut(answer.body) if answer else None, content=ear.content)
        heard: list[One] = []
        for call in mine:
            heard += ear.close(
                [call], exchange.ended, exchange.missing, failure or self._hung_up(exchange, call)
            )
        return heard

    def _hung_up(self, exchange: Exchange, call: Call) -> Failure | None:
        version = call.version or ear_version(self._ear)
        stateless = version is not None and version >= STATELESS and call.method != LISTEN
        return CANCELLED if stateless and "closed_by_client" in exchange.missing else None


def ear_version(ear: Ear) -> str | None:
    """The revision that is spoken, as far as it is known."""
    return ear.version or ear.session.version


def header_name(said: str) -> str | None:
    """`Mcp-Name`, which is base64 where it is no plain text (`=?base64?...?=`)."""
    if said.startswith("=?base64?") and said.endswith("?="):
        try:
            return text(base64.b64decode(said[9:-2]).decode("utf-8", "replace"))
        except (binascii.Error, ValueError):
            return None
    return text(said)
