"""The head of an HTTP/1 message: its start line, its fields, how long the body after it is; and the other events of a message.

A tolerant observer: it answers nobody, so what RFC 9112 lets a recipient forgive is forgiven
(bare LF, obs-fold, spaces around values, lines that are no field).
"""

import re
from typing import Final, NamedTuple

from hexr_autoinst.errors import WireError
from hexr_autoinst.model.exchange import Headers
from hexr_autoinst.model.facts import Side
from hexr_autoinst.wire import fieldlines

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
    "request": re.compile(
        rb"(?:GET|POST|PUT|DELETE|PATCH|HEAD|OPTIONS|LIST|CONNECT) \S{1,16384} HTTP/1\.\d\r?\n"
    ),
    "response": re.compile(rb"HTTP/1\.\d \d{3}(?:[ \t][^\r\n]{0,1024})?\r?\n"),
    None: re.compile(
        rb"(?:GET|POST|PUT|DELETE|PATCH|HEAD|OPTIONS|LIST|CONNECT) \S{1,16384} HTTP/1\.\d\r?\n"
        rb"|HTTP/1\.\d \d{3}(?:[ \t][^\r\n]{0,1024})?\r?\n"
    ),
}


class Start(NamedTuple):
    """A message has begun. `headers` hold no secret, its `target` may. `cut`: fields were too many to keep; `joined`: bytes before it were skipped."""

    at: int
    side: Side
    method: str
    target: str
    status: int
    version: str
    headers: Headers
    cut: bool = False
    joined: bool = False


class Stop(NamedTuple):
    """The message is over; `error` says what cut it."""

    error: str = ""
    trailers: tuple[tuple[str, str], ...] = ()


class Hole(NamedTuple):
    """Bytes of the body are missing here; the message goes on."""


Event = Start | bytes | Stop | Hole


class Line(NamedTuple):
    """A start line: whose it is, and what it says."""

    side: Side
    method: str
    target: str
    status: int
    version: str


def start_line(line: bytes, side: Side | None) -> Line:
    """What a start line says, if it is of this side (None: of either); WireError, with the reason to mute, if it is none we read."""
    if side != "response" and (asked := _REQUEST.match(line)):
        method, target, version = asked.groups()
        return Line("request", _text(method), _text(target), 0, _text(version))
    if side != "request" and (answered := _STATUS.match(line)):
        return Line("response", "", "", int(answered[2]), _text(answered[1]))
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


def read(head: bytes, at: int, side: Side | None, *, cut: bool, joined: bool) -> Start:
    """The Start of a whole head; WireError as `start_line`."""
    line, _, rest = head.partition(b"\n")
    side, method, target, status, version = start_line(line, side)
    return Start(at, side, method, target, status, version, fieldlines.read(rest), cut, joined)


def body_length(start: Start, method: str) -> int:
    """How many bytes of body follow, or CHUNKED, or UNTIL_CLOSE (RFC 9112 §6.3). `method` is the request's."""
    if start.side == "response" and (method == "HEAD" or start.status < 200 or start.status in (204, 304)):
        return 0
    codings = start.headers.all("transfer-encoding")
    if codings:
        if ",".join(codings).rpartition(",")[2].strip().lower() == "chunked":
            return CHUNKED
        return UNTIL_CLOSE if start.side == "response" else _no_length()
    lengths = set(start.headers.all("content-length"))
    if not lengths:
        return 0 if start.side == "request" else UNTIL_CLOSE
    said = next(iter(lengths)).partition(",")[0].strip()
    if len(lengths) == 1 and _LENGTH.fullmatch(said):
        return int(said)
    return UNTIL_CLOSE if start.side == "response" else _no_length()


def _no_length() -> int:
    raise WireError(detail="a request whose length cannot be told", reason="not_http")


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")
