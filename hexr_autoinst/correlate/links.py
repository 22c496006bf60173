"""The table of connections that the kernel named: their two ends, the stream above, the phases. Tells nothing."""

from dataclasses import dataclass
from typing import Final

from hexr_autoinst.model.exchange import Exchange, Phases
from hexr_autoinst.model.facts import Address, Conn, Health, Key
from hexr_autoinst.model.story import Agent

WATCHED: Final = 65_536  # connections remembered; as many as one address has ports

Ends = tuple[Address, Address]


@dataclass(slots=True, eq=False)
class Link:
    """One connection, or one TLS stream over one."""

    conn: Conn
    key: Key
    role: str = "unknown"
    ends: Ends | None = None
    connect_ns: int | None = None
    tls_ns: int | None = None
    tls_version: str | None = None
    alpn: str | None = None
    opened_at: int = 0
    opened: bool = False
    tls: bool = False
    agent: Agent | None = None  # as whom its opening was told: its end is told as the same
    closed_at: int = 0
    health: Health | None = None

    @property
    def stream(self) -> str:
        """What it is if it is no connection of a network's: those have generation 0 (bpf/events.h), all others are counted from 1."""
        if self.ends and not self.ends[0].networked:
            return "local_stream"
        return "tls_stream" if self.tls or self.conn.generation > 0 else ""


class Links:
    """Connections by handle and by their two ends."""

    def __init__(self) -> None:
        """None yet."""
        self._links: dict[Conn, Link] = {}
        self._by_ends: dict[Ends, list[Link]] = {}

    def __len__(self) -> int:
        """How many are remembered."""
        return len(self._links)

    def get(self, conn: Conn | str) -> Link | None:
        """What is known of it; a plane that parses names its connections by text, and they are not here."""
        return self._links.get(conn) if isinstance(conn, Conn) else None

    def make(self, conn: Conn, key: Key) -> Link:
        """The one of this handle, new if need be."""
        if conn not in self._links:
            self._links[conn] = Link(conn, key)
        return self._links[conn]

    def all(self) -> list[Link]:
        """Oldest first."""
        return list(self._links.values())

    def surplus(self) -> list[Link]:
        """The oldest beyond what is remembered."""
        over = len(self._links) - WATCHED
        return self.all()[:over] if over > 0 else []

    def below(self, link: Link, ends: Ends) -> Link | None:
        """The connection under a TLS stream: another one of this process with the same two ends."""
        others = self._by_ends.get(ends, [])
        return next((v for v in reversed(others) if v.opened and v.key == link.key and not v.closed_at), None)

    def bind(self, link: Link, ends: Ends) -> None:
        """Its two ends are known."""
        self._unbind(link)
        link.ends = ends
        self._by_ends.setdefault(ends, []).append(link)

    def drop(self, link: Link) -> None:
        """It is over and said."""
        self._unbind(link)
        if self._links.get(link.conn) is link:
            del self._links[link.conn]

    def owners(self, exchange: Exchange) -> list[Key]:
        """The processes that hold the client's end of this exchange's connection."""
        ends = (exchange.local, exchange.peer)
        found = self._by_ends.get(ends, ()) if ends[0] and ends[1] else ()  # type: ignore[arg-type]
        return sorted({v.key for v in found if v.role != "server"})

    def _unbind(self, link: Link) -> None:
        if link.ends and (there := self._by_ends.get(link.ends)):
            there.remove(link)
            if not there:
                del self._by_ends[link.ends]
        link.ends = None


def plain(address: Address) -> Address:
    """One spelling of an address: v4-mapped is v4 (RFC 4291 section 2.5.5.2)."""
    return Address(address.host.lower().removeprefix("::ffff:"), address.port)


def phases(link: Link | None, exchange: Exchange) -> Phases | None:
    """How the connection came to be, for the first exchange on it; one that was joined has had others, and one of many calls began before them."""
    if link is None or exchange.ordinal or exchange.part or "joined_mid_connection" in exchange.missing:
        return None
    found = Phases(link.connect_ns, link.tls_ns, link.tls_version, link.alpn)
    return found if found != Phases() else None
