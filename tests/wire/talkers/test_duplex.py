import json
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hexr_autoinst.model.exchange import Asked, Said
from hexr_autoinst.model.facts import Address, Chunk, Closed, Exited, Opened
from hexr_autoinst.wire.limits import Limits
from tests.wire.recorded import HOWS, PLANTED, cuts, facts, load
from tests.wire.stage import CONN, KEY, asked, chunks, closed, ended, play, skipped

UPGRADE = b"GET /realtime?model=m HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x\r\n\r\n"
SWITCH = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"


def said(heard):
    return [
        (h.frame.side, h.frame.event, h.frame.data or h.frame.raw.hex()) for h in heard if isinstance(h, Said)
    ]


def ws(opcode, data, *, final=True, mask=b"", rsv=0):
    size = len(data)
    head = bytes((opcode | (0x80 if final else 0) | rsv,))
    masked = 0x80 if mask else 0
    if size < 126:
        head += bytes((masked | size,))
    elif size < 65536:
        head += bytes((masked | 126,)) + struct.pack(">H", size)
    else:
        head += bytes((masked | 127,)) + struct.pack(">Q", size)
    return head + mask + bytes(b ^ mask[n % 4] if mask else b for n, b in enumerate(data))


# -- WebSocket, after an upgrade --


@pytest.mark.parametrize("how", HOWS)
@pytest.mark.parametrize("name", ["ws_deflate", "ws_plain", "ws_fresh"])
def test_websockets_of_real_peers(name, how):
    (connection,), want = load(name)

    heard = play([*facts(cuts(connection, how))])

    (e,) = ended(heard)
    assert PLANTED not in repr(heard)
    assert [(side, "close" if kind == "close" else "", data) for side, kind, data in want] == said(heard)
    assert (e.response.status, e.missing, e.role) == (101, (), "client")
    assert e.response.streamed
    assert e.facts == len(cuts(connection, how))


def test_messages_that_come_with_the_upgrade_in_one_read_and_beyond_its_end():
    turns = [
        ("out", UPGRADE),
        ("in", SWITCH + ws(1, b"hello")),
        ("out", ws(8, b"\x03\xe8bye", mask=b"abcd")),
        ("in", ws(8, b"\x03\xe8")),
        ("in", b"more"),
    ]

    heard = play(chunks(*turns))

    assert said(heard) == [("response", "", "hello"), ("request", "close", "1000 bye")]
    assert skipped(heard) == [("after_end", 1)]
    (e,) = ended(heard)
    assert (e.missing, e.facts, e.request.path, e.request.query) == ((), 4, "/realtime", "model=m")


def test_a_connection_that_ends_without_a_close_is_not_taken_for_whole():
    turns = [("out", UPGRADE), ("in", SWITCH + ws(1, b"hello"))]

    (e,) = ended(play([*chunks(*turns), closed()]))

    assert e.missing == ("unterminated:response",)


def test_a_lost_read_within_a_message_costs_that_message_alone():
    pieces = [ws(1, b"a" * 40), ws(1, b"bb"), ws(1, b"c" * 40), ws(1, b"d")]
    made = chunks(
        ("out", UPGRADE),
        ("in", SWITCH + pieces[0][:30]),
        ("in", pieces[0][30:]),
        ("in", pieces[1]),
        ("in", pieces[2]),
        ("in", pieces[3]),
    )
    gone = made.pop(2)
    made[2] = Chunk(made[2].at, "ebpf", CONN, "in", made[2].seq, made[2].data, lost_before=len(gone.data))

    heard = play(made)

    assert [d for _, _, d in said(heard)] == ["bb", "c" * 40, "d"]
    assert "lost_events" in ended(heard)[0].missing


# -- RESP --


@pytest.mark.parametrize("how", HOWS)
@pytest.mark.parametrize("name", ["resp2", "resp3"])
def test_commands_of_real_peers(name, how):
    connections, want = load(name)
    assert PLANTED.encode() in b"".join(d for c in connections for _, d in c)

    heard = play([f for n, c in enumerate(connections) for f in facts(cuts(c, how), handle=n)])

    assert "planted" not in repr(heard)
    assert "VALUE" not in repr(heard)
    everything = {}
    for e, named in zip(sorted(ended(heard), key=lambda e: e.conn.handle), want, strict=True):
        assert (e.request.method, e.request.scheme, e.missing, e.response.status) == (
            "STREAM",
            "redis",
            (),
            0,
        )
        mine = said([h for h in heard if isinstance(h, Said) and h.id == e.id])
        commands = [d for side, _, d in mine if side == "request"]
        answers = [json.loads(d) for side, event, d in mine if side == "response" and event != "push"]
        names = [[x for x in json.loads(c) if isinstance(x, str) and x != "EX"] for c in commands]
        assert names[-len(named) :] == named
        everything |= dict(zip(commands, answers, strict=True))
    assert everything['["GET","agent:none"]'] == {"status": "QUEUED"}
    assert everything['["MGET","agent:1","agent:none","agent:1"]'] == [{"bytes": 9}, None, {"bytes": 9}]
    assert everything['["SET","agent:1",{"bytes":9},"EX",60]'] == {"status": "OK"}
    assert everything['["GET","agent:2"]'] == {"bytes": 1500}
    assert everything['["EXISTS","agent:1"]'] == 1
    assert everything['["EXEC"]'] == [{"bytes": 9}, None, {"status": "OK"}]
    assert everything['["LPUSH","agent:1",{"bytes":11}]'] == {"error": "WRONGTYPE"}
    assert everything['["SETEX","agent:3",30,{"bytes":11}]'] == {"status": "QUEUED"}


def test_where_a_redis_connection_goes_is_what_the_kernel_says():
    opened = Opened(1, "ebpf", CONN, KEY, Address("127.0.0.1", 5000), Address("10.0.0.7", 6379), "client")

    (first, *_) = asked(play([opened, *chunks(("out", b"*1\r\n$4\r\nPING\r\n"))], end=False))

    assert (first.request.host, first.request.port, first.request.scheme, first.request.ended) == (
        "10.0.0.7",
        6379,
        "rediss",
        0,
    )


# -- JSON on pipes --

CALL = b'{"jsonrpc":"2.0","id":1,"method":"tools/list"}'
REPLY = b'{"jsonrpc":"2.0","id":1,"result":{"api_key":"hunter2-hunter2"}}'


def pipe(*turns, first=0, role=None):
    seq = {"out": first, "in": first}
    made = [Opened(1, "ebpf", CONN, KEY, Address("", 0), Address("", 0), role)] if role else []
    for at, (direction, data) in enumerate(turns, 10):
        made.append(Chunk(at, "ebpf", CONN, direction, seq[direction], data, medium="pipe"))
        seq[direction] += 1
    return made


def test_a_pipe_is_one_exchange_and_each_line_a_frame():
    turns = [
        ("out", CALL[:9]),
        ("in", b"starting up...\n" + REPLY[:20]),
        ("out", CALL[9:] + b"\r\n\n"),
        ("in", REPLY[20:] + b"\n" + b"warn: x\n{oops}\n"),
    ]

    heard = play([*pipe(*turns), closed()])

    assert said(heard) == [
        ("request", "", CALL.decode()),
        ("response", "", '{"jsonrpc":"2.0","id":1,"result":{"api_key":"[redacted]"}}'),
    ]
    (e,) = ended(heard)
    assert (e.request.method, e.request.scheme, e.role, e.missing, e.noise, e.facts) == (
        "STREAM",
        "stdio",
        "client",
        (),
        3,
        4,
    )
    assert isinstance(heard[0], Asked)


def test_an_inode_is_no_servers_address():
    ends = Address("pipe:7", 0), Address("unix:8", 0)
    heard = play([Opened(1, "ebpf", CONN, KEY, *ends, "client"), *pipe(("out", CALL + b"\n"))], end=False)

    (first, *_) = asked(heard)
    assert (first.request.host, first.request.port) == ("", 0)
    assert (first.local, first.peer) == ends


def test_who_asks_on_a_pipe_is_who_begins_unless_it_is_known():
    assert ended(play(pipe(("in", CALL + b"\n"))))[0].role == "server"
    assert ended(play(pipe(("in", CALL + b"\n"), role="client")))[0].role == "client"
    assert ended(play(pipe(("in", REPLY + b"\n"), first=9)))[0].role == "client"


def test_what_a_server_prints_first_waits_for_the_first_json():
    heard = play(
        [*pipe(("in", b"Listening on stdio\n"), ("out", CALL + b"\n"), ("in", REPLY + b"\n")), closed()]
    )

    assert [(s, d[:20]) for s, _, d in said(heard)] == [
        ("request", CALL[:20].decode()),
        ("response", REPLY[:20].decode()),
    ]
    assert [(e.noise, e.role, e.facts) for e in ended(heard)] == [(1, "client", 3)]


def test_a_pipe_without_json_is_muted():
    heard = play(pipe(*[("in", b"no json here at all\n" * 20)] * 30))

    assert {r for r, _ in skipped(heard)} == {"not_json"}
    assert sum(n for _, n in skipped(heard)) == 30


def test_a_pipe_ends_with_its_process_and_that_is_how_it_ends():
    facts_ = [*pipe(("out", CALL + b"\n"), ("in", REPLY)), Exited(99, "ebpf", KEY, 0, None, 1)]

    heard = play(facts_)

    assert [e.missing for e in ended(heard)] == [()]
    assert len(said(heard)) == 2  # the last line needs no end


def test_a_pipe_that_was_joined_begins_with_a_whole_line():
    heard = play(pipe(("out", b'ested": {}}\n' + CALL + b"\n"), ("in", b'half"}\n' + REPLY + b"\n"), first=5))

    assert [s for s, _, _ in said(heard)] == ["request", "response"]
    assert ended(heard)[0].missing == ("joined_mid_connection", "open_at_end")


def test_a_line_beyond_the_limit_keeps_what_is_short():
    long = b'{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"text":"' + b"x " * 50_000 + b'"}}\n'

    heard = play(pipe(("out", long), ("out", CALL + b"\n")), limits=Limits(frame=4096))

    first, second = [h.frame for h in heard if isinstance(h, Said)]
    assert (json.loads(first.data)["id"], first.cut, second.data) == (7, True, CALL.decode())


def test_idle_ends_what_is_open_and_says_so():
    from hexr_autoinst.model.facts import Tick
    from hexr_autoinst.wire.assembly import Wire
    from tests.wire.stage import SALT

    wire = Wire(SALT, Limits(idle=1000, sweep=1))
    play(pipe(("out", CALL + b"\n")), wire=wire, end=False)

    assert [e.missing for e in ended(wire.feed(Tick(1_000_000)))] == [("idle",)]
    assert (wire.held, wire.open_facts) == (0, 0)


ANY = st.one_of(
    st.binary(max_size=60),
    st.sampled_from([CALL + b"\n", REPLY + b"\n", b"\n", b"\0", b"*2\r\n$3\r\nGET\r\n$1\r\nk\r\n", b"$5\r\nhello\r\n", b"*-1\r\n", b"%1\r\n+a\r\n:1\r\n",
                     b">2\r\n+x\r\n_\r\n", ws(1, b"hi", mask=b"abcd"), ws(2, b"\0" * 9), ws(8, b"\x03\xe8"), ws(9, b"p"), ws(1, b"part", final=False)]),
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(["ws", "resp", "pipe"]),
    st.lists(st.tuples(st.sampled_from(["out", "in"]), ANY), max_size=12),
    st.sampled_from([0, 1, 3]),
    st.integers(0, 3),
)
def test_any_bytes_are_survived_and_counted(kind, turns, cut, gap):
    start = {
        "ws": [("out", UPGRADE), ("in", SWITCH)], "resp": [("out", b"*1\r\n$4\r\nPING\r\n")], "pipe": [("out", CALL + b"\n")],
    }[kind]  # fmt: skip
    made = chunks(*start, *turns, cut=cut)
    if kind == "pipe":
        made = [Chunk(f.at, "ebpf", CONN, f.direction, f.seq, f.data, medium="pipe") for f in made]
    if gap and len(made) > 4:
        made = made[: len(made) // 2] + made[len(made) // 2 + gap :]
    for end in ([], [Closed(1 << 40, "ebpf", CONN, KEY)]):
        play([*made, *end], limits=Limits(frame=64, budget=500))


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(["ws", "resp", "pipe"]),
    st.lists(st.tuples(st.sampled_from(["out", "in"]), ANY), max_size=8),
    st.integers(1, 9),
)
def test_the_pieces_do_not_matter(kind, turns, cut):
    start = {
        "ws": [("out", UPGRADE), ("in", SWITCH)], "resp": [("out", b"*1\r\n$4\r\nPING\r\n")], "pipe": [("out", CALL + b"\n")],
    }[kind]  # fmt: skip
    medium = "pipe" if kind == "pipe" else "tls"

    def heard(size):
        made = [
            Chunk(f.at, "ebpf", CONN, f.direction, f.seq, f.data, medium=medium)
            for f in chunks(*start, *turns, cut=size)
        ]
        told = said(play(made))
        each = ([x for x in told if x[0] == side] for side in ("request", "response"))
        # Once astray, where a reader finds its way again depends on where reads begin.
        return [x[: next((n for n, one in enumerate(x) if one[1] == "lost"), len(x))] for x in each]

    assert heard(0) == heard(cut)
