"""What is said on a browser's socket, in its two languages: commands and what they do, answers and events.

The Chrome DevTools Protocol: https://chromedevtools.github.io/devtools-protocol/. WebDriver BiDi: https://w3c.github.io/webdriver-bidi/.
Both number their commands and say no version; they are told apart by the letter that a domain begins with.
"""

import re
from typing import Any, Final

from hexr_autoinst.dissect.effects.browsing import Browsing
from hexr_autoinst.dissect.lenient import mapping, signed

CDP: Final = "cdp"
BIDI: Final = "webdriver_bidi"
_MEMBERS: Final = frozenset({"id", "method", "params", "sessionId"})
_METHOD: Final = re.compile(r"(?:[a-z]{1,16}:)?(?P<domain>[A-Za-z]{2,32})\.[a-z]\w{1,64}")
# A domain that a client of the protocol asks for before long: other JSON on sockets is not ours.
_CDP: Final = frozenset(
    {"Accessibility", "Browser", "CSS", "Console", "DOM", "Debugger", "Emulation", "Fetch", "IO", "Input", "Inspector", "Log",
     "Network", "Overlay", "Page", "Performance", "Profiler", "Runtime", "Security", "Storage", "Target", "Tracing"}
)  # fmt: skip
_BIDI: Final = frozenset(
    {"session", "browser", "browsingContext", "script", "network", "storage", "input", "log"}
)
_GO: Final = frozenset({"Page.navigate", "Target.createTarget", "browsingContext.navigate"})
_WENT: Final = "Page.frameNavigated"


def language(message: Any) -> str | None:
    """Which of the two a client's first message is in; None if it is in neither."""
    method = command(message)
    found = _METHOD.fullmatch(method) if method else None
    if found is None or not message.keys() <= _MEMBERS:
        return None
    if found["domain"] in _CDP:
        return CDP
    return BIDI if found["domain"] in _BIDI else None


def command(message: Any) -> str | None:
    """A command's name; None if it is none."""
    if not isinstance(message, dict) or signed(message.get("id")) is None:
        return None
    method = message.get("method")
    return method if isinstance(method, str) else None


def asked(session: Browsing, message: Any) -> None:
    """A message of the client."""
    if (method := command(message)) is None:
        return
    session.act(method)
    if method in _GO:
        session.went(mapping(message, "params").get("url"))


def answered(session: Browsing, message: Any) -> None:
    """A message of the browser: an answer, or an event."""
    if not isinstance(message, dict):
        return
    if message.get("method") == _WENT:
        frame = mapping(message, "params", "frame")
        if not frame.get("parentId"):  # a page's own, not one that stands in it
            session.went(frame.get("url"))
    elif signed(message.get("id")) is not None:
        session.failed += bool(message.get("error"))
        result = mapping(message, "result")
        if "navigation" in result:
            session.went(result.get("url"))
        session.named(result.get("product") or mapping(result, "capabilities").get("browserName"))
