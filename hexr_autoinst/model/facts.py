"""Facts: all that a capture plane may say to the rest. Nothing else crosses the border.

A fact is a frozen value that carries its own time (`at`, nanoseconds since the Unix epoch: the
kernel's CLOCK_BOOTTIME plus an offset fixed at start) and the plane that saw it (`source`).
Facts hold raw bytes of other people's traffic: they live in memory, in the ring buffer and on
the teller's own socket, and reach a disk only when `record FILE` is asked for by name.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

Source = Literal["ebpf", "proxy", "har"]
Direction = Literal["out", "in"]
Side = Literal["request", "response"]
Role = Literal["client", "server", "unknown"]
# What carries a byte stream: a TLS library (then it is plaintext at the library's border), a socket, two pipes.
Medium = Literal["tls", "socket", "pipe"]
# Of a piece of a body "", else what a piece of a WebSocket message belongs to.
Message = Literal["", "text", "binary", "close"]

CAMERA: Final = "camera"
END_OF_TIME: Final = (1 << 63) - 1


class Key(NamedTuple):
    """A process for as long as it lives: pid at the daemon's own level, start in clock ticks since boot.

    Ticks are those of /proc/PID/stat field 22 (USER_HZ, 100 a second), which is also
    task->group_leader->start_boottime / 10_000_000, so kernel and /proc agree.
    """

    pid: int
    start: int


class Address(NamedTuple):
    """One end of a connection. `host` is a numeric address or, where only that is known, a name."""

    host: str
    port: int

    @property
    def networked(self) -> bool:
        """Whether it is a network's, not the inode of a pipe or of a unix socket."""
        return not self.host.startswith(("pipe:", "unix:"))


class Conn(NamedTuple):
    """A byte stream seen by the kernel: `handle` is the SSL pointer or the socket cookie.

    Libraries reuse pointers at once, so `generation` counts the streams that one pointer carried.
    """

    key: Key
    handle: int
    generation: int


@dataclass(frozen=True, slots=True)
class Process:
    """A process that may be observed, as only root can read it. A later one for the same key replaces it.

    `env` holds only the few keys that name an agent (never the whole environment); `hints` names the
    AI packages the process has mapped or runs from, e.g. ("langgraph", "openai"). `started` is the
    time of its exec (ns, epoch); `at` the time of this reading.
    """

    at: int
    source: Source
    key: Key
    parent: Key | None
    exe: str
    args: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    cgroup: str = ""
    user: str = ""
    hints: tuple[str, ...] = ()
    started: int = 0


@dataclass(frozen=True, slots=True)
class Exited:
    """A process is gone. `code` is None when a signal ended it; `cpu_ns` is user plus system time."""

    at: int
    source: Source
    key: Key
    code: int | None
    signal: int | None
    cpu_ns: int


@dataclass(frozen=True, slots=True)
class Opened:
    """A connection is established, or a TLS stream has been tied to its socket (then `conn` is the TLS stream's).

    The two pipes between a process and its child are a connection too: `local` is `pipe:` and the inode of the one that is read
    here, `peer` the one that is written, port 0; of a socket pair, `unix:` and the inode of each end. So the two ends see
    each other's addresses swapped, as they do over a network.

    `connect_ns` is the time from SYN to established, None where the opening was not seen.
    """

    at: int
    source: Source
    conn: Conn
    key: Key
    local: Address
    peer: Address
    role: Role
    connect_ns: int | None = None
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Closed:
    """A connection, or one generation of a TLS stream, has ended: bodies that last until close end here."""

    at: int
    source: Source
    conn: Conn
    key: Key


@dataclass(frozen=True, slots=True)
class Handshake:
    """A TLS handshake ended. What could not be read is None: it is never guessed.

    `alpn` is "" where it is known that no protocol was agreed on; `version` as the library says it ("TLSv1.3");
    `mutual` whether the client has shown a certificate.
    """

    at: int
    source: Source
    conn: Conn
    duration_ns: int | None
    role: Role
    outcome: Literal["ok", "failed"]
    library: str = ""
    alpn: str | None = None
    sni: str | None = None
    version: str | None = None
    mutual: bool | None = None


@dataclass(frozen=True, slots=True)
class Health:
    """The kernel's own measures of one TCP connection, read when it closes. Totals since it opened."""

    at: int
    source: Source
    conn: Conn
    rtt_us: int
    bytes_sent: int
    bytes_received: int
    retransmits: int
    duration_ns: int | None = None


@dataclass(frozen=True, slots=True)
class Chunk:
    """Bytes as they were written or read: plaintext at a TLS library's border, or what `medium` carries in the clear.

    `seq` counts the chunks of one conn and direction from 0.

    `direction` is the observed process's own: "out" is what it wrote. `lost_before` is how many
    bytes are known to be missing just before this chunk (0: none; -1: some, nobody knows how many).
    `joined` marks the first chunk of a stream whose beginning was not seen. `entry` is the name that a recording has for the stream.
    """

    at: int
    source: Source
    conn: Conn
    direction: Direction
    seq: int
    data: bytes
    lost_before: int = 0
    joined: bool = False
    medium: Medium = "tls"
    entry: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """The parsed head of one HTTP message, from a plane that parses (proxy, HAR).

    For a request: method, scheme, authority (host[:port]) and target (path?query) are set; for a
    response, status. Header names keep the sender's case; order and repeats are kept.
    """

    at: int
    source: Source
    flow: str
    side: Side
    key: Key | None = None
    conn: str = ""
    ordinal: int = 0
    local: Address | None = None
    peer: Address | None = None
    method: str = ""
    scheme: str = ""
    authority: str = ""
    target: str = ""
    status: int = 0
    version: str = "HTTP/1.1"
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Data:
    """A piece of a message's body as it arrived, content-encoding still on (transfer-encoding off).

    After an upgrade it may be a piece of a WebSocket message, unmasked and decompressed: `message` says of which kind,
    `more` that it goes on. A "close" holds the code in two bytes and the reason, as RFC 6455 has them.
    """

    at: int
    source: Source
    flow: str
    side: Side
    data: bytes
    lost_before: int = 0
    message: Message = ""
    more: bool = False


@dataclass(frozen=True, slots=True)
class End:
    """A message is over.

    `error` is "" for a whole one, else what cut it, in a few words: "closed_by_client",
    "closed_by_server", "truncated".
    """

    at: int
    source: Source
    flow: str
    side: Side
    error: str = ""
    trailers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Exchanged:
    """What was heard of an exchange, from a veiled recording: redacted, content removed. `heard` is a `Heard`.

    `source` is that of the fact which completed it.
    """

    at: int
    source: Source
    heard: object


@dataclass(frozen=True, slots=True)
class Lost:
    """`n` facts were dropped at `place` ("ring", "tap_queue", "facts_socket" …) before they could be told.

    At CAMERA: another camera has taken over. What passed meanwhile is one loss, for nobody knows how much it was,
    and the streams of the one before go on under other names.
    """

    at: int
    source: Source
    place: str
    n: int


@dataclass(frozen=True, slots=True)
class Tick:
    """Nothing happened, but time went on. Made by the teller's edge; never counted as issued."""

    at: int
    source: Source = "har"


Fact = (
    Process | Exited | Opened | Closed | Handshake | Health | Chunk
    | Head | Data | End | Exchanged | Lost | Tick
)  # fmt: skip
