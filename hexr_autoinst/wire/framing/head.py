"""The head of an HTTP/1 message: its start line, its fields, how long the body after it is; and the other events of a message.

A tolerant observer: it answers nobody, so what RFC 9112 lets a recipient forgive is forgiven
(bare LF, obs-fold, spaces around values, lines that are no field).
"""

import re
from typing import Final, NamedTuple

from hexr_autoinst.errors import WireError
from hexr_autoinst.model.facts import Side

CHUNKED: Final = -1
UNTIL_CLOSE: Final = -2

_TOKEN: Final = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]"
_REQUEST: Final = re.compile(rb"(" + _TOKEN + rb"{1,32}) +(\S+) +(HTTP/1\.\d)\s*\Z")
_STATUS: Final = re.compile(rb"(HTTP/1\.\d) +(\d{3})(?:[ \t].*)?\s*\Z", re.DOTALL)
_REQUEST_PREFIX: Final = re.compile(_TOKEN + rb"{1,32}(?: |\Z)")
_STATUS_PREFIX: Final = b"HTTP/1."
_LENGTH: Final = re.compile(r"\d{1,18}")

# What a hunt for the next message looks for. Methods by name: prose is full of words and spaces.
START: Final[dict[Side | None, re.Pattern[bytes]]] = {
    "request": re.compile(rb"(?:GET|POST|PUT|DELETE|PATCH|HEAD|OPTIONS|CONNECT) \S{1,16384} HTTP/1\.\d\r?\n"),
    "response": re.compile(rb"HTTP/1\.\d \d{3}(?:[ \t][^\r\n]{0,1024})?\r?\n"),
    None: re.compile(
        rb"(?:GET|POST|PUT|DELETE|PATCH|HEAD|OPTIONS|CONNECT) \S{1,16384} HTTP/1\.\d\r?\n"
        rb"|HTTP/1\.\d \d{3}(?:[ \t][^\r\n]{0,1024})?\r?\n"
    ),
}


class Start(NamedTuple):
    """A message has begun. `cut`: fields were too many to keep; `joined`: bytes before it were skipped."""

    at: int
    side: Side
    method: str
    target: str
    status: int
    version: str
    fields: tuple[tuple[str, str], ...]
    cut: bool = False
    joined: bool = False


class Stop(NamedTuple):
    """The message is over; `error` says what cut it."""

    error: str = ""
    trailers: tuple[tuple[str, str], ...] = ()


class Hole(NamedTuple):
    """Bytes of the body are missing here; the message goes on."""


Event = Start | bytes | Stop | Hole


def check_line(line: bytes, side: Side | None) -> Side:
    """Which side's start line this is; WireError, with the reason to mute, if it is none we read."""
    if side != "response" and _REQUEST.match(line):
        return "request"
    if side != "request" and _STATUS.match(line):
        return "response"
    if line.startswith(b"PRI * HTTP/2.0"):
        raise WireError(detail="an HTTP/2 preface", reason="http2")
    raise WireError(detail="no HTTP/1 start line", reason="not_http")


def check_prefix(prefix: bytes, side: Side | None) -> None:
    """WireError as soon as these first bytes cannot become a start line: before more is kept."""
    if side != "response" and _REQUEST_PREFIX.match(prefix):
        return
    if side != "request" and _STATUS_PREFIX.startswith(prefix[: len(_STATUS_PREFIX)]):
        return
    raise WireError(detail="no HTTP/1 start line", reason="not_http")


def read(head: bytes, at: int, *, cut: bool, joined: bool) -> Start:
    """The Start of a head whose first line `check_line` has accepted."""
    line, _, rest = head.partition(b"\n")
    found = fields(rest)
    if asked := _REQUEST.match(line):
        method, target, version = (_text(x) for x in asked.groups())
        return Start(at, "request", method, target, 0, version, found, cut, joined)
    answered = _STATUS.match(line)
    if answered is None:
        raise WireError(detail="no HTTP/1 start line", reason="not_http")
    version, status = _text(answered[1]), int(answered[2])
    return Start(at, "response", "", "", status, version, found, cut, joined)


def fields(lines: bytes) -> tuple[tuple[str, str], ...]:
    """Header fields in wire order; a line that is no field is passed over."""
    text = _text(lines)
    if "\n " not in text and "\n\t" not in text:  # no line goes on in the next
        cut = [line.partition(":") for line in text.split("\n")]
        return tuple(
            [(name, value.strip()) for said, colon, value in cut if colon and (name := said.strip())]
        )
    found: list[tuple[str, str]] = []
    for line in text.split("\n"):
        if line[:1] in (" ", "\t") and found:  # obs-fold, RFC 9112 §5.2: one space stands for it
            name, value = found[-1]
            found[-1] = (name, f"{value} {line.strip()}".strip())
            continue
        name, colon, value = line.partition(":")
        if colon and (name := name.strip()):
            found.append((name, value.strip()))
    return tuple(found)


def body_length(start: Start, method: str) -> int:
    """How many bytes of body follow, or CHUNKED, or UNTIL_CLOSE (RFC 9112 §6.3). `method` is the request's."""
    if start.side == "response" and (method == "HEAD" or start.status < 200 or start.status in (204, 304)):
        return 0
    # A name's length spares most of the fields the look at its letters.
    codings = [v for k, v in start.fields if len(k) == 17 and k.lower() == "transfer-encoding"]
    if codings:
        if ",".join(codings).rpartition(",")[2].strip().lower() == "chunked":
            return CHUNKED
        return UNTIL_CLOSE if start.side == "response" else _no_length()
    lengths = {v for k, v in start.fields if len(k) == 14 and k.lower() == "content-length"}
    if not lengths:
        return 0 if start.side == "request" else UNTIL_CLOSE
    said = next(iter(lengths)).partition(",")[0].strip()
    if len(lengths) == 1 and _LENGTH.fullmatch(said):
        return int(said)
    return UNTIL_CLOSE if start.side == "response" else _no_length()


def transfer_codings(found: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """Compressions applied under the chunked coding (RFC 9112 §7.2): rare, but they are on the body."""
    said = ",".join(v for k, v in found if k.lower() == "transfer-encoding").lower()
    return tuple(c for x in said.split(",") if (c := x.strip()) not in ("", "chunked", "identity"))


def _no_length() -> int:
    raise WireError(detail="a request whose length cannot be told", reason="not_http")


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")
