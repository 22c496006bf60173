"""A browser on a WebSocket: one session for as long as the connection lasts, whatever pages are attached within it.

Known by its path, else by the first commands; until then nothing is told. A driver's own connection to the browser that it was asked
for is no session more: see `sessions`. Frames in pieces of NUL-terminated JSON on a browser's own pipes are not read.
"""

import re
from typing import Final

from hexr_autoinst.dissect.ask import client_hint
from hexr_autoinst.dissect.claim import Begun, Claim, Done, Heard
from hexr_autoinst.dissect.effects import sessions
from hexr_autoinst.dissect.effects.browser_words import BIDI, CDP, answered, asked, language
from hexr_autoinst.dissect.effects.browsing import Browsing
from hexr_autoinst.dissect.effects.reading import by_status
from hexr_autoinst.dissect.lenient import parse
from hexr_autoinst.dissect.question import Question
from hexr_autoinst.model.exchange import Exchange, Frame
from hexr_autoinst.model.operation import Failure

_PATHS: Final = (
    (re.compile(r"(?:/.*)?/devtools/(?:browser|page|target|worker)(?:/[^/]+)?"), CDP),
    (re.compile(r"(?:/.*)?/session(?:/[^/]+)?"), BIDI),
)
_DOUBTS: Final = 4  # messages of a client that are in neither language, after which the rest is not looked at
_LONGEST: Final = 64 << 10  # characters of a browser's message: longer ones are pictures, never where it went
_UPGRADED: Final = 101


class Socket:
    """One connection. `mine`: its session, once it is known to be one."""

    kept: tuple[str, ...] = (
        "/", "id", "method", "sessionId", "error", "error.code", "params.url@", "params.frame.url@", "params.frame.parentId",
        "result.navigation", "result.url@", "result.product!", "result.capabilities.browserName",
    )  # fmt: skip
    nested: tuple[str, ...] | None = None

    def __init__(self, question: Question, *, content: bool) -> None:
        """`question`: the request for the upgrade."""
        exchange = self._exchange = question.exchange
        said = _spoken(question.path)
        self._quiet = sessions.is_drivers(question.memory, exchange)
        self._known = sessions.find(question.memory, exchange, question.path)
        hint = client_hint(exchange.request.headers)
        self._session = self._known or Browsing(said or CDP, content=content, client_hint=hint)
        self._sure = bool(said)
        self._doubts = 0

    def begin(self) -> Heard:
        """The session, where the path says that it is one."""
        return self._begun() if self._sure else ()

    def frame(self, frame: Frame) -> Heard:
        """A message of either side."""
        if not frame.data or frame.event or (not self._sure and self._doubts > _DOUBTS):
            return ()
        if frame.side == "response":
            if self._sure and len(frame.data) <= _LONGEST:
                answered(self._session, parse(frame.data))
            return ()
        message = parse(frame.data)
        heard = () if self._sure else self._recognised(language(message))
        if self._sure:
            asked(self._session, message)
        return heard

    def close(self, exchange: Exchange) -> Heard | None:
        """The connection is over, and with it the session."""
        if not self._sure:
            return None
        if self._known or self._quiet:
            return ()
        return (Done(exchange, self._session.effect(_refused(exchange), ended=exchange.complete)),)

    def _recognised(self, said: str | None) -> Heard:
        self._doubts += said is None
        if said is None:
            return ()
        self._sure, self._session.protocol = True, said
        return self._begun()

    def _begun(self) -> Heard:
        return () if self._known or self._quiet else (Begun(self._exchange, self._session.effect()),)


class Browser:
    """The dissector."""

    name = "browser"

    def claim(self, question: Question) -> Claim:
        """By the path; of any other socket on nobody's host, by what is said there."""
        request = question.exchange.request
        if request.method != "GET" or request.headers.get("upgrade").lower() != "websocket":
            return Claim.NO
        if _spoken(question.path):
            return Claim.PATH
        return Claim.SHAPE if question.owner is None else Claim.NO

    def open(self, question: Question, *, content: bool) -> Socket:
        """Begin to listen."""
        return Socket(question, content=content)


def _spoken(path: str) -> str | None:
    return next((said for pattern, said in _PATHS if pattern.fullmatch(path)), None)


def _refused(exchange: Exchange) -> Failure | None:
    answer = exchange.response
    return by_status(exchange) if answer is None or answer.status != _UPGRADED else None


EFFECT: Final = Browser()
