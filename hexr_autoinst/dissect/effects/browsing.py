"""A browser's session as it goes on: how many commands, where it went last. Its state is a few numbers, however long it lasts.

No id of a command is kept: one that is never answered costs nothing. Where it went is told as a host; whole only where content may be kept.
"""

import re
from dataclasses import dataclass
from typing import Any, Final

from hexr_autoinst.dissect.effects.reading import told
from hexr_autoinst.dissect.lenient import clean, text
from hexr_autoinst.model.operation import Effect, Failure

_URL: Final = re.compile(
    r"(?P<scheme>https?://)(?:[^/?#@\\\s]*@)?(?P<host>\[[0-9A-Fa-f:.]+\]|[^/?#:@\\\s\[\]]{1,253})(?P<rest>(?![^/?#:\\\s])[^\s]*)",
    re.IGNORECASE,
)
_LONGEST: Final = 2048
_SILENT: Final = ".enable"  # asks for events, and does nothing


@dataclass(slots=True)
class Browsing:
    """One session. `protocol`: what is spoken. `url`: where it went last, on the network. `browser`: what it calls itself."""

    protocol: str
    content: bool = False
    client_hint: str = ""
    actions: int = 0
    failed: int = 0
    url: str | None = None
    browser: str | None = None
    missing: tuple[str, ...] = ()

    def act(self, command: str) -> None:
        """A command was given."""
        if not command.endswith(_SILENT):
            self.actions += 1

    def went(self, url: Any) -> None:
        """A page was gone to. What is on no host (`about:blank`, `data:`) is no place."""
        found = _URL.match(url[:_LONGEST]) if isinstance(url, str) else None
        if found is None:
            return
        host = found["host"].strip("[]").lower()
        whole = found["scheme"] + found["host"] + found["rest"]
        self.url = clean(whole if self.content else host, _LONGEST)

    def named(self, browser: Any) -> None:
        """What the browser calls itself."""
        self.browser = text(browser, 64) or self.browser

    def effect(
        self, failure: Failure | None = None, *, ended: bool = False, missing: tuple[str, ...] = ()
    ) -> Effect:
        """The session as it stands."""
        return Effect(
            "browser",
            "browse",
            failure=failure,
            facts=told(
                url=self.url,
                actions=self.actions,
                browser__protocol=self.protocol,
                browser__name=self.browser,
                browser__failed=self.failed or None,
            ),
            client_hint=self.client_hint,
            missing=(*self.missing, *missing),
            ended=ended,
        )
