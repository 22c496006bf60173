"""MCP's streams that a client fetches: what a server has to say by itself, answers that were asked for elsewhere; and the end of a session."""

from typing import Final

from hexr_autoinst.dissect.claim import Heard
from hexr_autoinst.dissect.lenient import parse
from hexr_autoinst.dissect.protocols.jsonrpc import messages
from hexr_autoinst.dissect.protocols.mcp_ear import One
from hexr_autoinst.dissect.protocols.mcp_http import ear
from hexr_autoinst.dissect.protocols.mcp_places import ENDPOINT, HTTP
from hexr_autoinst.dissect.protocols.mcp_session import Session, endpoint, forget, name
from hexr_autoinst.dissect.question import Question
from hexr_autoinst.model.exchange import Exchange, Frame

_ENDPOINT: Final = "endpoint"  # the event of 2024-11-05 that says where to post
_URL: Final = 4096


class Fetched:
    """A stream that the client fetched: what the server has to say by itself, and answers that were asked for elsewhere."""

    def __init__(self, question: Question, *, content: bool) -> None:
        """`question`: the GET."""
        self._ear = ear(question, content=content)
        self._sure = bool(self._ear.session_id or self._ear.version)
        self._resumed = "last-event-id" in question.exchange.request.headers

    nested = None

    @property
    def kept(self) -> tuple[str, ...]:
        """What of it is no content: see `mcp_places`. Of a stream that may be anybody's only what may show whose it is."""
        return HTTP if self._sure else ENDPOINT

    def begin(self) -> Heard:
        """Nothing: a stream that is opened is no call."""
        return ()

    def frame(self, frame: Frame) -> Heard:
        """An event."""
        if frame.event == _ENDPOINT and frame.data and not self._sure:
            self._post_to(frame.data)
            return ()
        if not self._sure:
            return ()
        heard: list[One] = []
        for message in messages(parse(frame.data)):
            heard += self._ear.says(message, frame.at, server=True)
        heard += self._ear.sweep(frame.at)
        if self._ear.session.legacy:
            heard += self._cancelled(frame.at)
        return tuple(heard)

    def close(self, exchange: Exchange) -> Heard | None:
        """The stream is over, and with it whatever was to be answered on it."""
        if not self._sure:
            return None
        ear = self._ear
        mine = list(ear.own)
        if ear.session.legacy or self._resumed:
            mine += [c for c in ear.session.all() if c.parked and c not in mine]
        heard = tuple(ear.close(mine, exchange.ended, exchange.missing))
        ear.session.streaming = False
        return heard

    def _post_to(self, said: str) -> None:
        """Where this stream's session is posted to: a path, or a whole URL."""
        ear, target = self._ear, said.strip()[:_URL]
        if "://" in target:
            target = "/" + target.partition("://")[2].partition("/")[2]
        self._sure = True
        ear.session = Session(legacy=True, streaming=True)
        ear.whose = endpoint(ear.exchange, target)
        ear.wire = {"mcp.transport": "http_sse"}
        ear.joins = target.partition("?")[2].rpartition("=")[2] or None
        name(ear.memory, ear.whose, ear.session)

    def _cancelled(self, at: int) -> list[One]:
        """Calls that were posted and cancelled, and have had no answer here."""
        ear = self._ear
        waiting = [c for c in ear.session.all() if c.cancelled_at and c.parked and c not in ear.own]
        ear.own += waiting
        heard = list(ear.sweep(at))
        ear.own = [c for c in ear.own if c not in waiting]
        return heard


class Ending:
    """DELETE: the session is over."""

    def __init__(self, question: Question, *, content: bool) -> None:
        """`question`: the DELETE."""
        self._ear = ear(question, content=content)

    nested = None
    kept = HTTP

    def begin(self) -> Heard:
        """Nothing: no call."""
        return ()

    def frame(self, frame: Frame) -> Heard:  # noqa: ARG002 - an answer to DELETE says nothing
        """Nothing."""
        return ()

    def close(self, exchange: Exchange) -> Heard:
        """Calls that waited for a stream to go on wait no more."""
        session = self._ear.session
        heard = tuple(self._ear.close([c for c in session.all() if c.parked], exchange.ended, ()))
        forget(self._ear.memory, self._ear.whose)
        return heard
