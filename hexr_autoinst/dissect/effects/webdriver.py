"""WebDriver over HTTP: one span a session, of the exchange that opened it, told when it is deleted. https://www.w3.org/TR/webdriver2/

A session that nobody deletes is told as far as it went. One that was opened before anybody listened begins with its first command.
"""

import re
from dataclasses import replace
from typing import Any, Final

from hexr_autoinst.dissect.ask import client_hint
from hexr_autoinst.dissect.claim import Begun, Claim, Done, Going, Heard
from hexr_autoinst.dissect.effects import sessions
from hexr_autoinst.dissect.effects.browsing import Browsing
from hexr_autoinst.dissect.effects.reading import by_status
from hexr_autoinst.dissect.effects.sessions import Session
from hexr_autoinst.dissect.lenient import mapping, parse_cut, text
from hexr_autoinst.dissect.question import Question
from hexr_autoinst.model.exchange import Exchange, Frame
from hexr_autoinst.model.operation import Failure

_NAME: Final = "webdriver"
_NEW: Final = re.compile(r"(?:/.*)?/session")
_ASKED: Final = ("capabilities", "desiredCapabilities")  # the latter before the standard
_STRANGE: Final = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# Commands by which a session that was not seen to open is known (the standard's table of endpoints).
_COMMANDS: Final = re.compile(
    r"/(?:url|title|source|back|forward|refresh|screenshot|timeouts|elements?|actions|cookie|print|frame|window(?:/\w+)?"
    r"|execute/(?:sync|async)|element/[^/]+/\w+(?:/[^/]+)?|alert/\w+)"
)
_GONE: Final = "invalid session id"
_OPEN: Final = ("open_at_end",)
_JOINED: Final = ("joined_mid_session",)
_KEPT: Final = (
    "/",
    "value.sessionId",
    "sessionId",
    "value.error!",
    "url@",
    "value.browserName",
    "value.capabilities.browserName",
    "capabilities.-",
)


class _Ear:
    """What all of them share: an exchange that is no call by itself. `kept`: see `dissect.veil`."""

    kept: tuple[str, ...] = _KEPT
    nested: tuple[str, ...] | None = None

    def begin(self) -> Heard:
        """Nothing."""
        return ()

    def frame(self, frame: Frame) -> Heard:  # noqa: ARG002 - none is streamed
        """Nothing."""
        return ()


class Opening(_Ear):
    """A new session is asked for."""

    def __init__(self, question: Question, *, content: bool) -> None:
        """`question`: POST /session."""
        self._exchange, self._memory = question.exchange, question.memory
        self._browsing = Browsing(_NAME, content, client_hint(question.exchange.request.headers))

    def begin(self) -> Heard:
        """The session begins when it is asked for."""
        sessions.serves(self._memory, self._exchange)
        return (Begun(self._exchange, self._browsing.effect()),)

    def close(self, exchange: Exchange) -> Heard | None:
        """It is there, or was refused."""
        said = _said(exchange)
        if failure := _failure(exchange, said):
            return (Done(exchange, self._browsing.effect(failure)),)
        value = mapping(said, "value")
        id_ = text(value.get("sessionId")) or text(mapping(said).get("sessionId"))
        if id_ is None:
            return None
        self._browsing.named(mapping(value, "capabilities").get("browserName") or value.get("browserName"))
        session = Session(exchange, self._browsing)
        sessions.put(self._memory, id_, session)
        return (_going(session, exchange),)


class Commanding(_Ear):
    """A command within a session."""

    def __init__(self, question: Question, session: Session | None, *, content: bool) -> None:
        """`session` None: it was not seen to open."""
        self._body, self._memory = question.body, question.memory
        match = sessions.parts(question.path)
        self._id, self._command = (match["id"], match["command"]) if match else ("", "")
        self._new = session is None
        if session is None:
            hint = client_hint(question.exchange.request.headers)
            session = Session(question.exchange, Browsing(_NAME, content, hint, missing=_JOINED))
            sessions.put(self._memory, self._id, session)
        self._session = session

    def begin(self) -> Heard:
        """Nothing, but where the session is new to us."""
        return (Begun(self._session.exchange, self._session.browsing.effect()),) if self._new else ()

    def close(self, exchange: Exchange) -> Heard:
        """What it has done to the session."""
        session, said = self._session, _said(exchange)
        if session.over:
            return ()
        failure = _failure(exchange, said)
        gone = failure is not None and failure.type == _GONE
        ended = gone or (exchange.request.method == "DELETE" and self._ends(said, failure))
        if not (exchange.request.method == "DELETE" and not self._command):
            session.browsing.act(self._command)
            session.browsing.failed += failure is not None
        if self._command == "/url" and exchange.request.method == "POST" and failure is None:
            session.browsing.went(mapping(self._body).get("url"))
        if not ended:
            return (_going(session, exchange),)
        session.over = True
        return (
            Done(
                _until(session, exchange), session.browsing.effect(failure if gone else None, ended=not gone)
            ),
        )

    def _ends(self, said: Any, failure: Failure | None) -> bool:
        """The session is deleted, or its last window closed."""
        return not self._command or (
            self._command == "/window" and failure is None and mapping(said).get("value") == []
        )


class WebDriver:
    """The dissector."""

    name = _NAME

    def claim(self, question: Question) -> Claim:
        """By what is asked for; a command by its session, else by its own path and an id that looks like one."""
        request = question.exchange.request
        if request.method == "POST" and _NEW.fullmatch(question.path):
            return (
                Claim.PATH
                if any(isinstance(mapping(question.body).get(k), dict) for k in _ASKED)
                else Claim.NO
            )
        match = sessions.parts(question.path)
        if match is None or "upgrade" in request.headers:
            return Claim.NO
        if sessions.get(question.memory, question.exchange, match["id"]) is not None:
            return Claim.HOST
        strange = (
            question.owner is None
            and _STRANGE.fullmatch(match["id"])
            and _COMMANDS.fullmatch(match["command"])
        )
        return Claim.PATH if strange else Claim.NO

    def open(self, question: Question, *, content: bool) -> Opening | Commanding:
        """Begin to listen."""
        match = sessions.parts(question.path)
        if match is None:
            return Opening(question, content=content)
        known = sessions.get(question.memory, question.exchange, match["id"])
        return Commanding(question, known, content=content)


def _said(exchange: Exchange) -> Any:
    return parse_cut(exchange.response.body) if exchange.response else None


def _failure(exchange: Exchange, said: Any) -> Failure | None:
    """The standard's own word for it, else the status."""
    error = text(mapping(said, "value").get("error"), 64)
    failed = by_status(exchange)
    return Failure(error) if failed is not None and error else failed


def _until(session: Session, exchange: Exchange) -> Exchange:
    """The exchange that has opened it, its end the last that was heard of it."""
    first = session.exchange
    if first.response is None:
        return replace(first, response=exchange.response, facts=0)
    return replace(first, response=replace(first.response, ended=max(exchange.ended, first.ended)), facts=0)


def _going(session: Session, exchange: Exchange) -> Going:
    return Going(_until(session, exchange), session.browsing.effect(missing=_OPEN))


EFFECT: Final = WebDriver()
