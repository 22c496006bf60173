"""Connections of agents: phases for the spans on them, and their lives as `Connection` values.

Every fact taken here leaves exactly once, as (part of) a Connection or as Uncounted.
"""

from collections import deque
from dataclasses import dataclass, replace
from typing import Final

from hexr_autoinst.correlate.agents import Agents
from hexr_autoinst.correlate.links import Link, Links
from hexr_autoinst.correlate.rules import NANO
from hexr_autoinst.correlate.world import World
from hexr_autoinst.model.exchange import Exchange
from hexr_autoinst.model.facts import END_OF_TIME, Closed, Conn, Handshake, Health, Key, Opened
from hexr_autoinst.model.story import Agent, Connection, Told, Uncounted

HELD: Final = 64  # news of one process that is no agent yet
IDENTITY_WAIT: Final = NANO
_HEALTH_WAIT: Final = 300_000_000  # a close and its measures come from two hooks
_STRANGER: Final = 60 * NANO  # a process of which nothing was heard for so long
_NOBODY: Final = Agent("")


@dataclass(slots=True)
class News:
    """A Connection that waits to know whose it is."""

    at: int
    link: Link
    told: Connection


class Connections:
    """All connections of observed processes."""

    def __init__(self, world: World, agents: Agents) -> None:
        """None yet."""
        self._world = world
        self._agents = agents
        self.links = Links()
        self._closing: dict[Conn, Link] = {}
        self._news: dict[Key, deque[News]] = {}
        self.open_facts = 0

    def holders(self, exchange: Exchange) -> list[Key]:
        """The processes that may have made this exchange: its own, or all that hold its connection."""
        return [exchange.key] if exchange.key else self.links.owners(exchange)

    def opened(self, fact: Opened) -> list[Told]:
        """A connection is there; or a TLS stream on it, which is no second connection."""
        link = self.links.make(fact.conn, fact.key)
        again = link.opened
        below = self.links.below(link, (fact.local, fact.peer)) if link.stream else None
        self.links.bind(link, (fact.local, fact.peer))
        link.role = fact.role
        link.connect_ns = fact.connect_ns if fact.connect_ns is not None else link.connect_ns
        if below is not None and link.connect_ns is None:
            link.connect_ns = below.connect_ns
        if again or link.stream:
            return [Uncounted("opened_again" if again else link.stream, 1)]
        if fact.failed:
            self._drop(link)
        link.opened, link.opened_at = True, fact.at
        what = Connection(
            at=fact.at,
            agent=_NOBODY,
            what="failed" if fact.failed else "opened",
            role=fact.role,
            connect_seconds=_seconds(fact.connect_ns),
        )
        return self._tell(link, fact.at, what) + self._make_room()

    def handshake(self, fact: Handshake) -> list[Told]:
        """A TLS handshake ended."""
        link = self.links.make(fact.conn, fact.conn.key)
        link.tls = True
        if fact.outcome == "ok":
            link.tls_ns, link.tls_version, link.alpn = fact.duration_ns, fact.version, fact.alpn
        what = Connection(
            at=fact.at,
            agent=_NOBODY,
            what="handshake",
            role=fact.role,
            library=fact.library,
            outcome=fact.outcome,
            seconds=_seconds(fact.duration_ns),
        )
        return self._tell(link, fact.at, what) + self._make_room()

    def closed(self, fact: Closed) -> list[Told]:
        """A connection or a TLS stream is over."""
        link = self.links.get(fact.conn)
        if link is None:
            return [Uncounted("opening_unseen", 1)]
        if link.closed_at:
            return [Uncounted("closed_again", 1)]
        if not link.opened:
            what = link.stream or "tls_stream"
            self._drop(link)
            return [Uncounted(what, 1)]
        link.closed_at = fact.at
        self.open_facts += 1
        if link.health:
            return self._end(link)
        self._closing[link.conn] = link
        return []

    def health(self, fact: Health) -> list[Told]:
        """The kernel's measures of a connection that closes."""
        link = self.links.get(fact.conn)
        if link is None or not link.opened:
            return [Uncounted("opening_unseen", 1)]
        told: list[Told] = [Uncounted("measured_again", 1)] if link.health else []
        self.open_facts += 0 if link.health else 1
        link.health = fact
        return told + (self._end(link) if link.closed_at else [])

    def known(self, key: Key) -> list[Told]:
        """This process may have become an agent with a name: tell what waited for that."""
        if not (self._agents.is_one(key) and self._world.known(key)):
            return []
        return self._release(key, self._agents.who(key))

    def settle(self, now: int) -> list[Told]:
        """Time has passed: closes without measures, and news that has waited enough."""
        out: list[Told] = []
        ending = [c for c in self._closing.values() if now - c.closed_at >= _HEALTH_WAIT]
        if now == END_OF_TIME:
            ending = [v for v in self.links.all() if v.closed_at or v.health]
        for link in ending:
            out += self._end(link)
        for key in list(self._news):
            out += self._settle_news(key, now)
        return out

    def forget(self, keys: list[Key]) -> list[Told]:
        """These processes are long gone: their connections are too, whatever was seen of it."""
        gone = set(keys)
        out: list[Told] = []
        for link in [v for v in self.links.all() if v.key in gone] if gone else []:
            out += self._end(link) if link.opened else []
            self._drop(link)
        for key in keys:
            out += self._refuse(key)
        return out

    def _drop(self, link: Link) -> None:
        self.links.drop(link)
        self._closing.pop(link.conn, None)

    def _make_room(self) -> list[Told]:
        out: list[Told] = []
        for link in self.links.surplus():
            out += self._end(link) if link.opened else []
            self._drop(link)
        return out

    def _end(self, link: Link) -> list[Told]:
        """Tell the end of a connection whose opening was seen, with what was measured."""
        facts = bool(link.closed_at) + bool(link.health)
        self.open_facts -= facts
        self._drop(link)
        health = link.health
        length = health.duration_ns if health else None
        if length is None and link.closed_at:
            length = max(0, link.closed_at - link.opened_at)
        at = link.closed_at or (health.at if health else link.opened_at)
        what = Connection(
            at=at,
            agent=_NOBODY,
            what="closed",
            role=link.role,
            seconds=_seconds(length),
            bytes_sent=health.bytes_sent if health else 0,
            bytes_received=health.bytes_received if health else 0,
            retransmits=health.retransmits if health else 0,
            rtt_seconds=health.rtt_us / 1e6 if health else None,
            facts=facts,
        )
        return self._tell(link, at, what)

    def _tell(self, link: Link, at: int, what: Connection) -> list[Told]:
        told = self.known(link.key)
        if self._agents.is_one(link.key) and self._world.known(link.key):
            return told + _whose(link, what, self._agents.who(link.key))
        waiting = self._news.setdefault(link.key, deque())
        waiting.append(News(at, link, what))
        self.open_facts += what.facts
        while len(waiting) > HELD:
            told.append(Uncounted("not_an_agent", self._taken(waiting.popleft())))
        return told

    def _settle_news(self, key: Key, now: int) -> list[Told]:
        waited = now - self._news[key][0].at
        life = self._world.get(key)
        gone = now == END_OF_TIME or bool(life and life.gone_at is not None and now - life.gone_at >= NANO)
        if waited < IDENTITY_WAIT and not gone:
            return []
        if self._agents.is_one(key):
            return self._release(key, self._agents.who(key))
        above = self._agents.above(key)
        if above is not None:
            return self._release(key, self._agents.who(above))
        stranger = not self._world.known(key) and waited >= _STRANGER
        return self._refuse(key) if gone or stranger else []

    def _release(self, key: Key, agent: Agent) -> list[Told]:
        out: list[Told] = []
        for news in self._news.pop(key, ()):
            self._taken(news)
            out += _whose(news.link, news.told, agent)
        return out

    def _refuse(self, key: Key) -> list[Told]:
        facts = sum(self._taken(n) for n in self._news.pop(key, ()))
        return [Uncounted("not_an_agent", facts)] if facts else []

    def _taken(self, news: News) -> int:
        self.open_facts -= news.told.facts
        return news.told.facts


def _whose(link: Link, what: Connection, agent: Agent) -> list[Told]:
    """In the agent's name; an end only where the opening was told, so that what is active adds up."""
    if what.what == "opened":
        link.agent = agent
    if what.what == "closed" and link.agent is None:
        return [Uncounted("opening_untold", what.facts)] if what.facts else []
    return [replace(what, agent=link.agent or agent)]


def _seconds(nanoseconds: int | None) -> float | None:
    return None if nanoseconds is None else nanoseconds / NANO
