"""Exchanges: what was said, once bytes have become messages. Secrets are gone, encodings are off.

The wire room emits an exchange as a short series of `Heard` values while it happens, so that a
stream is consumed as it arrives and memory stays bounded whatever its length.
"""

from dataclasses import dataclass, field
from typing import Final, Literal

from hexr_autoinst.model.facts import Address, Conn, Key, Role, Side, Source

# A streamed answer whose framing never ended. Clients stop reading at their vendor's last event, so this
# alone is no loss: whoever knows that event decides.
UNTERMINATED: Final = "unterminated:response"


@dataclass(frozen=True, slots=True)
class Headers:
    """HTTP header fields in wire order. Names compare without case (RFC 9110 §5.1)."""

    fields: tuple[tuple[str, str], ...] = ()
    # First values by lower-case name. A head is asked some twenty times: each look through its fields costs as much as this.
    _first: dict[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """The first of a name stands."""
        object.__setattr__(self, "_first", {k.lower(): v for k, v in reversed(self.fields)})

    @classmethod
    def indexed(cls, fields: tuple[tuple[str, str], ...], first: dict[str, str]) -> "Headers":
        """Of fields whose first values by lower-case name are known already."""
        new = object.__new__(cls)
        object.__setattr__(new, "fields", fields)
        object.__setattr__(new, "_first", first)
        return new

    def get(self, name: str, default: str = "") -> str:
        """The first value of `name`, or `default`."""
        return self._first.get(name.lower(), default)

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of `name`, in order."""
        wanted = name.lower()
        if wanted not in self._first:
            return ()
        if len(self._first) == len(self.fields):  # no name comes twice
            return (self._first[wanted],)
        return tuple([v for k, v in self.fields if k.lower() == wanted])

    def __contains__(self, name: str) -> bool:
        """Whether the field is there at all."""
        return name.lower() in self._first


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked. `host` and `port` are the authority's (port 0: not said, scheme's default).

    `body` is decoded (transfer- and content-encoding off), redacted, at most the limit's length: of longer JSON a
    shorter JSON text is left (`wire.skim`), of a multipart body its fields (`wire.multipart`), of media nothing.
    `size` is how many decoded bytes there were. Times are ns since the epoch; `ended` is 0 while open.
    `seal` stands for the body's identity where the body itself was veiled.
    """

    at: int
    method: str
    scheme: str
    host: str
    port: int
    path: str
    query: str = ""
    version: str = "HTTP/1.1"
    headers: Headers = Headers()
    body: bytes = b""
    size: int = 0
    ended: int = 0
    seal: bytes = b""


@dataclass(frozen=True, slots=True)
class Response:
    """What was answered. Where `streamed`, the frames that were heard are all there is and `body` is empty.

    A JSON array of objects that arrives without a declared length is both: each element is heard as a frame, and
    if the whole is within the limit it is the `body` too, `streamed` false. Read the one or the other.
    """

    at: int
    status: int
    version: str = "HTTP/1.1"
    headers: Headers = Headers()
    body: bytes = b""
    size: int = 0
    body_at: int = 0
    ended: int = 0
    streamed: bool = False
    trailers: Headers = Headers()


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame of a streamed body, redacted. `at`: its last byte's arrival. `cut`: `data` was shortened.

    "sse": an event; `event` is its name ("" when not given), `data` its data lines joined by newlines.
    "json": a JSON line, or an element of a streamed JSON array.
    "aws": a message of an Amazon event stream; `event` is its event type, `exception:` and the exception's type, or
    `error:` and the error's code; `data` its payload (an error's message, where that is all there is).
    "grpc": a message of a gRPC stream, decompressed, its bytes in `raw`. "ws": a WebSocket message, `data` its text, or its
    bytes in `raw` where it is binary and no JSON; the event "close" has the code and the reason as data. "line": a line of JSON on a
    pipe. "resp": a command or an answer of a RESP connection, as JSON in `data` (see `wire.framing.resp`); the event
    "push" came unasked, "lost" stands where some could not be seen. Those come from both sides: `side` says from which.
    Of `raw` each secret is replaced by as many bytes, so that lengths within it hold.
    JSON that was shortened is still JSON, and every scalar in it was said; but count no elements in it.
    """

    at: int
    kind: Literal["sse", "json", "aws", "grpc", "ws", "line", "resp"]
    event: str
    data: str
    cut: bool = False
    side: Side = "response"
    raw: bytes = b""


@dataclass(frozen=True, slots=True)
class Phases:
    """How the connection under the first exchange came to be. None: not seen.

    `tls_version` as the library says it ("TLSv1.3"), `alpn` "" where no protocol was agreed on.
    """

    connect_ns: int | None = None
    tls_ns: int | None = None
    tls_version: str | None = None
    alpn: str | None = None


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer. `id` is stable from the first fact on: see `wire.identity`.

    `ordinal` counts the exchanges of one connection from 0. `missing` says what could not be seen,
    each as `what` or `what:where` ("truncated:response", "joined_mid_connection", "lost_events",
    "closed_by_client", "hpack_desync": fields of a head refer to what was said before we listened); empty means complete.
    `noise`: lines of a pipe that were no JSON. `part` names one of several calls that one exchange carried ("" for the
    exchange itself): id and part together are one call's identity. A connection that is no HTTP (a pipe, RESP) is one
    exchange whose request has the method STREAM, with the medium as its scheme ("stdio", "redis"). `entry` is the name that a
    recording gives to the connection, where several exchanges share one: it is told in the id's place. `closed`: when the wait for an
    answer of which no byte has come was given up, by either side.
    """

    id: str
    source: Source
    key: Key | None
    conn: Conn | str
    ordinal: int
    role: Role
    request: Request
    response: Response | None = None
    local: Address | None = None
    peer: Address | None = None
    missing: tuple[str, ...] = ()
    facts: int = 0
    part: str = ""
    entry: str = ""
    noise: int = 0
    closed: int = 0

    @property
    def complete(self) -> bool:
        """Whether every byte that was said has been seen."""
        return not self.missing

    @property
    def began(self) -> int:
        """When the first byte of the request was seen (ns, epoch)."""
        return self.request.at

    @property
    def ended(self) -> int:
        """When the last byte was seen, or nobody waited for one any more (ns, epoch)."""
        answer = self.response.ended or self.response.at if self.response else self.closed
        return max(answer, self.request.ended, self.request.at)


@dataclass(frozen=True, slots=True)
class Asked:
    """The request is whole: an exchange is open. Its id may be pointed at from now on."""

    at: int
    exchange: Exchange


@dataclass(frozen=True, slots=True)
class Said:
    """A frame of the response stream of the open exchange `id`."""

    at: int
    id: str
    frame: Frame


@dataclass(frozen=True, slots=True)
class Ended:
    """The exchange is over, whole or not (`exchange.missing`). `exchange.facts` have been spent on it."""

    at: int
    exchange: Exchange


@dataclass(frozen=True, slots=True)
class Skipped:
    """`n` facts of traffic that is no exchange we can read (muted, not HTTP, between messages)."""

    at: int
    reason: str
    n: int


Heard = Asked | Said | Ended | Skipped
