from dataclasses import replace

import pytest

from hexr_autoinst.correlate import links as room
from hexr_autoinst.correlate.links import Link, Links, phases, plain
from hexr_autoinst.model.exchange import Phases
from hexr_autoinst.model.facts import Address, Conn, Key
from tests.correlate.play import HERE, KEY, THERE, exchange

ENDS = (HERE, THERE)
SOCKET, STREAM = Conn(KEY, 7, 0), Conn(KEY, 0x7F00, 1)


def test_a_stream_finds_the_connection_below_it_by_its_two_ends_and_process():
    links = Links()
    for key, conn in ((KEY, SOCKET), (Key(9, 9), Conn(Key(9, 9), 8, 0))):
        link = links.make(conn, key)
        link.opened = True
        links.bind(link, ENDS)
    stream = links.make(STREAM, KEY)

    assert links.below(stream, ENDS).conn == SOCKET
    assert links.below(stream, (THERE, HERE)) is None


def test_a_closed_connection_is_below_nothing():
    links = Links()
    socket = links.make(SOCKET, KEY)
    links.bind(socket, ENDS)
    socket.opened, socket.closed_at = True, 1

    assert links.below(links.make(STREAM, KEY), ENDS) is None


def test_every_client_that_holds_a_connection_owns_it():
    links = Links()
    for number, (key, role) in enumerate([(KEY, "client"), (Key(9, 9), "client"), (Key(5, 5), "server")]):
        link = links.make(Conn(key, number, 0), key)
        link.role = role
        links.bind(link, ENDS)

    assert links.owners(exchange(local=HERE, peer=THERE)) == [Key(9, 9), KEY]
    assert links.owners(exchange(local=HERE)) == []


def test_what_is_dropped_is_found_nowhere():
    links = Links()
    link = links.make(SOCKET, KEY)
    links.bind(link, ENDS)
    links.bind(link, ENDS)
    links.drop(link)

    assert (len(links), links.get(SOCKET), links.owners(exchange(local=HERE, peer=THERE))) == (0, None, [])
    assert links._by_ends == {}


def test_a_plane_that_parses_has_no_connections_here():
    assert Links().get("client-connection-1") is None


def test_the_oldest_are_surplus(monkeypatch):
    monkeypatch.setattr(room, "WATCHED", 2)
    links = Links()
    made = [links.make(Conn(KEY, n, 0), KEY) for n in range(5)]

    assert links.surplus() == made[:3]


def test_phases_are_of_the_first_exchange_and_only_what_was_seen():
    seen = Link(STREAM, KEY, tls_ns=5)

    assert phases(seen, exchange()) == Phases(None, 5)
    agreed = Link(STREAM, KEY, tls_version="TLSv1.3", alpn="")
    assert phases(agreed, exchange()) == Phases(None, None, "TLSv1.3", "")
    assert phases(seen, exchange(ordinal=1)) is None
    assert phases(seen, replace(exchange(), part="r0")) is None  # one of many calls: the connection was there
    assert phases(seen, exchange(missing=("joined_mid_connection",))) is None
    assert phases(Link(STREAM, KEY), exchange()) is None
    assert phases(None, exchange()) is None


def test_streams_are_counted_from_one_and_sockets_are_not():
    assert not Link(SOCKET, KEY).stream
    assert Link(STREAM, KEY).stream
    assert Link(SOCKET, KEY, tls=True).stream


@pytest.mark.parametrize("host", ["10.0.0.1", "::ffff:10.0.0.1", "::FFFF:10.0.0.1"])
def test_an_address_has_one_spelling(host):
    assert plain(Address(host, 1)) == Address("10.0.0.1", 1)
