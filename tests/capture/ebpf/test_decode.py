import socket

import pytest

from hexr_autoinst.capture.ebpf import layout
from hexr_autoinst.capture.ebpf.decode import Decoder, Look
from hexr_autoinst.model.facts import Address, Chunk, Closed, Conn, Exited, Handshake, Health, Key, Opened

KEY = Key(77, 1234)
CONN = Conn(KEY, 0xABC, 3)


def head(kind):
    return {"head.kind": kind, "head.pid": 77, "head.start": 12_349_999_999, "head.at": 500}


def chunk(seq=0, data=b"hello", lost=0, direction=0, joined=0, length=None):
    values = {
        "handle": 0xABC,
        "generation": 3,
        "seq": seq,
        "lost": lost,
        "direction": direction,
        "joined": joined,
    }
    room = data.ljust(256, b"\0")
    return (
        layout.Chunk.pack(**head(layout.CHUNK), **values, length=len(data) if length is None else length)
        + room
    )


def test_a_chunk_has_its_bytes_and_no_padding():
    fact = Decoder(1000).decode(chunk())

    assert fact == Chunk(1500, "ebpf", CONN, "out", 0, b"hello")


@pytest.mark.parametrize(("number", "medium"), [(0, "tls"), (1, "socket"), (2, "pipe")])
def test_what_carries_it_is_told(number, medium):
    record = bytearray(chunk())
    record[layout.Chunk.offsets()["medium"][0]] = number

    assert Decoder(0).decode(bytes(record)).medium == medium


def test_a_medium_that_nobody_knows_is_a_damaged_record():
    record = bytearray(chunk())
    record[layout.Chunk.offsets()["medium"][0]] = 3
    decoder = Decoder(0)

    assert decoder.decode(bytes(record)) is None
    assert decoder.bad == 1


def test_what_is_no_networks_has_inodes_for_addresses():
    inodes = {"ends.local": (4242).to_bytes(16, "little"), "ends.peer": (77).to_bytes(16, "little")}
    record = layout.Opened.pack(
        **head(layout.OPENED), handle=9, generation=3, role=2, **inodes,
        **{"ends.family": 1, "ends.local_port": 2, "ends.peer_port": 1},
    )  # fmt: skip

    opened = Decoder(0).decode(record)

    assert (opened.local, opened.peer, opened.role) == (
        Address("pipe:4242", 0),
        Address("unix:77", 0),
        "server",
    )
    assert not opened.local.networked


def test_a_joined_stream_is_marked():
    assert Decoder(0).decode(chunk(direction=1, joined=1)).joined


def test_what_the_kernel_counted_as_lost_is_told():
    decoder = Decoder(0)
    decoder.decode(chunk(0))

    assert decoder.decode(chunk(3, lost=900)).lost_before == 900


def test_a_gap_in_the_numbers_without_a_count_is_told_as_unknown():
    decoder = Decoder(0)
    decoder.decode(chunk(0))

    assert decoder.decode(chunk(2)).lost_before == -1
    assert decoder.decode(chunk(3)).lost_before == 0


def test_a_known_stream_whose_first_chunks_never_came_has_a_gap():
    assert Decoder(0).decode(chunk(4)).lost_before == -1


def test_directions_are_counted_apart():
    decoder = Decoder(0)
    decoder.decode(chunk(0))

    assert decoder.decode(chunk(0, direction=1)).lost_before == 0


def test_a_closed_generation_is_forgotten():
    decoder = Decoder(0)
    decoder.decode(chunk(0))
    decoder.decode(chunk(1))
    closed = decoder.decode(layout.Closed.pack(**head(layout.CLOSED), handle=0xABC, generation=3))

    assert closed == Closed(500, "ebpf", CONN, KEY)
    assert decoder.decode(chunk(0)).lost_before == 0


def test_streams_of_a_process_that_ended_are_forgotten():
    decoder = Decoder(0)
    decoder.decode(chunk(0))
    decoder.decode(layout.Gone.pack(**head(layout.EXIT)))

    assert decoder.streams == 0


@pytest.mark.parametrize("length", [257, 1 << 31])
def test_a_length_beyond_the_record_is_bad_and_no_fact(length):
    decoder = Decoder(0)

    assert decoder.decode(chunk(length=length)) is None
    assert decoder.bad == 1


@pytest.mark.parametrize("record", [b"", b"\1\0\0\0", b"\xff" * 400, chunk()[:40]])
def test_a_damaged_record_is_counted(record):
    decoder = Decoder(0)

    assert decoder.decode(record) is None
    assert decoder.look(record) is None
    assert decoder.bad == 2


def test_a_handshake():
    record = layout.Handshake.pack(
        **head(layout.HANDSHAKE), handle=0xABC, generation=3, duration=42, role=1, ok=1, timed=1,
        library=b"openssl 3", sni=b"api.test",
    )  # fmt: skip

    assert Decoder(0).decode(record) == Handshake(
        500, "ebpf", CONN, 42, "client", "ok", library="openssl 3", sni="api.test"
    )


@pytest.mark.parametrize(
    ("chosen", "alpn", "version", "mutual", "expected"),
    [
        (0, b"", b"", 0, (None, None, None)),
        (1, b"", b"TLSv1.2", 1, ("", "TLSv1.2", False)),
        (2, b"h2", b"TLSv1.3", 2, ("h2", "TLSv1.3", True)),
        (2, b"h2", b"unknown", 9, ("h2", None, None)),
    ],
)
def test_what_was_agreed_on_is_told_where_it_was_asked(chosen, alpn, version, mutual, expected):
    values = {"chosen": chosen, "alpn": alpn, "version": version, "mutual": mutual}
    record = layout.Handshake.pack(**head(layout.HANDSHAKE), handle=0xABC, generation=3, **values)

    fact = Decoder(0).decode(record)

    assert (fact.alpn, fact.version, fact.mutual) == expected


def test_a_handshake_whose_end_was_not_seen_has_no_duration_and_can_have_failed():
    record = layout.Handshake.pack(**head(layout.HANDSHAKE), handle=0xABC, generation=3, duration=42, role=9)

    fact = Decoder(0).decode(record)

    assert (fact.duration_ns, fact.role, fact.outcome, fact.sni) == (None, "unknown", "failed", None)


def opened(family, local, peer, **more):
    ends = {
        "ends.local": socket.inet_pton(family, local),
        "ends.peer": socket.inet_pton(family, peer),
        "ends.local_port": 1111,
        "ends.peer_port": 443,
        "ends.family": family,
    }
    return Decoder(0).decode(
        layout.Opened.pack(**head(layout.OPENED), handle=0xABC, generation=3, **ends, **more)
    )


def test_an_opening_over_ipv4():
    assert opened(socket.AF_INET, "10.0.0.1", "10.0.0.2", role=2, timed=1, connect=7) == Opened(
        500, "ebpf", CONN, KEY, Address("10.0.0.1", 1111), Address("10.0.0.2", 443), "server", 7
    )


def test_an_opening_over_ipv6_that_failed():
    fact = opened(socket.AF_INET6, "fe80::1", "2001:db8::2", role=1, failed=1)

    assert (fact.peer, fact.connect_ns, fact.failed) == (Address("2001:db8::2", 443), None, True)


def test_a_mapped_address_is_shown_as_ipv4():
    fact = opened(socket.AF_INET6, "::ffff:127.0.0.1", "::ffff:127.0.0.2")

    assert (fact.local.host, fact.peer.host) == ("127.0.0.1", "127.0.0.2")


def test_health_of_a_connection_whose_opening_was_not_seen():
    record = layout.Health.pack(**head(layout.HEALTH), handle=9, sent=1, received=2, rtt=3, retransmits=4)

    assert Decoder(0).decode(record) == Health(500, "ebpf", Conn(KEY, 9, 0), 3, 1, 2, 4, None)


def test_an_exit_by_code_and_by_signal():
    by_code = layout.Gone.pack(**head(layout.EXIT), cpu=5, code=3)
    by_signal = layout.Gone.pack(**head(layout.EXIT), cpu=5, signal=9)

    assert Decoder(0).decode(by_code) == Exited(500, "ebpf", KEY, 3, None, 5)
    assert Decoder(0).decode(by_signal) == Exited(500, "ebpf", KEY, None, 9, 5)


def test_an_exec_is_no_fact_but_no_error_either():
    decoder = Decoder(0)

    assert decoder.decode(layout.Look.pack(**head(layout.EXEC))) is None
    assert (decoder.bad, decoder.seen) == (0, {"exec": 1})


def test_a_look_names_the_file_as_maps_and_stat_do():
    record = layout.Look.pack(
        **head(layout.MAPPED),
        inode=55,
        device=254 << 20 | 1,
        parent=1,
        parent_start=20_000_000,
        name=b"libssl.so.3",
    )

    assert Decoder(1).look(record) == Look("mapped", 501, KEY, Key(1, 2), 0xFE01, 55, "libssl.so.3")


def test_an_exit_is_a_look_too():
    assert Decoder(0).look(layout.Gone.pack(**head(layout.EXIT))) == Look("exit", 500, KEY)
