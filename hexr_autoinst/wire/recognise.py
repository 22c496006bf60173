"""Which protocol a connection speaks, by its first bytes; pure, and sure of it or silent."""

import re
from typing import Final, Literal

from hexr_autoinst.model.facts import Medium
from hexr_autoinst.wire.framing import http2
from hexr_autoinst.wire.framing.resp import COMMAND

Protocol = Literal["http1", "http2", "resp", "lines"]

NOISE: Final = 4096  # what a program may print on a pipe before its first JSON
_PREFACE: Final = b"PRI * HTTP/2.0"
# A server may speak first: SETTINGS (RFC 9113 section 3.4).
_SETTINGS: Final = (0, 0, None, 4, 0, 0, 0, 0, 0)
_COMMAND: Final = re.compile(rb"\*(?:[1-9]\d{0,6}(?:\r(?:\n(?:\$(?:\d{1,9}(?:\r\n?)?)?)?)?)?)?")
_PING: Final = b"PING\r\n"  # inline: what probes of a server's health say
_LINE: Final = re.compile(rb"(?:\xef\xbb\xbf)?[ \t\r\n]*+[\[{]")


def recognise(start: bytes, medium: Medium) -> Protocol | None:
    """The protocol of a connection whose first bytes in one direction these are. None: more are needed.

    What is nothing else is left to HTTP/1, which says what is wrong with it.
    """
    if medium == "pipe":
        return "lines" if _LINE.match(start) else None
    for look in (_http2, _resp):
        found = look(start)
        if found != "http1":
            return found
    return "http1" if start else None


def _http2(start: bytes) -> Protocol | None:
    if _PREFACE.startswith(start[: len(_PREFACE)]):
        return "http2" if len(start) >= len(_PREFACE) else None
    if not all(want in (None, got) for want, got in zip(_SETTINGS, start, strict=False)):
        return "http1"
    if len(start) < len(_SETTINGS):
        return None
    return "http1" if start[2] % 6 else "http2"


def _resp(start: bytes) -> Protocol | None:
    if COMMAND.match(start) or start.startswith(_PING):
        return "resp"
    return None if _COMMAND.fullmatch(start) or _PING.startswith(start) else "http1"


def overhear(data: bytes) -> Protocol | None:
    """The protocol of a read in the middle of a connection, if it is one that says so by itself. HTTP/1 hunts for its own."""
    if data.startswith(_PREFACE) or http2.begins(data):
        return "http2"
    return "resp" if COMMAND.match(data) else None
