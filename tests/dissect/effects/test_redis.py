"""Lookups in what was said on a connection, byte by byte through the wire room: pipelines, transactions, clusters, holes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexr_autoinst.dissect.claim import Begun, Claim, Done, choose, question
from hexr_autoinst.dissect.effects.redis import EFFECT, Lookups
from hexr_autoinst.model.exchange import Asked, Ended, Exchange, Frame, Request, Said
from hexr_autoinst.model.facts import END_OF_TIME, Chunk, Closed, Conn, Key, Tick
from hexr_autoinst.model.operation import Failure
from hexr_autoinst.wire.assembly import Wire

S = 1_000_000_000
KEY = Key(7, 7)
CONN = Conn(KEY, 9, 0)
SECRET = "hunter2-PLANTED"


def command(*words):
    return f"*{len(words)}\r\n" + "".join(f"${len(w)}\r\n{w}\r\n" for w in words)


def value(text):
    return "$-1\r\n" if text is None else f"${len(text)}\r\n{text}\r\n"


class Connection:
    """What is said on one: `>` by the client, `<` by the server; a number is a pause in seconds."""

    def __init__(self, *steps, size=1 << 14, close=True, joined=False):
        self.begun, self.done, self.said, self.changes = [], [], [], []
        self._wire, self._reader = Wire(b"salt"), None
        self._at, self._seq = S, {"out": int(joined), "in": int(joined)}
        for step in steps:
            if isinstance(step, int):
                self._at += step * S
                continue
            side, text = step[0], step[1:]
            direction = "out" if side == ">" else "in"
            if text == "lost":
                self._seq[direction] += 1
                continue
            raw = text.encode()
            for place in range(0, len(raw), size):
                self._chunk(direction, raw[place : place + size])
        if close:
            self._feed(Closed(self._at + 1, "ebpf", CONN, KEY))
        self._feed(Tick(END_OF_TIME))

    def _chunk(self, direction, data):
        self._at += 1_000_000
        self._feed(Chunk(self._at, "ebpf", CONN, direction, self._seq[direction], data, medium="socket"))
        self._seq[direction] += 1

    def _feed(self, fact):
        for heard in self._wire.feed(fact):
            self.said.append(heard)
            match heard:
                case Asked(exchange=exchange):
                    about = question(exchange)
                    self._reader = choose(about).open(about, content=True)
                case Said(frame=frame):
                    self._hear(self._reader.frame(frame))
                case Ended(exchange=exchange):
                    self._hear(self._reader.close(exchange))

    def _hear(self, heard):
        self.begun += [one for one in heard if isinstance(one, Begun)]
        done = [one for one in heard if isinstance(one, Done)]
        self.done += [one for one in done if not one.operation.counted]
        self.changes += [one for one in done if one.operation.counted]

    def told(self):
        """For each lookup: what was asked, whether it was found, or why it failed."""
        return [
            (facts["db.operation"], one.operation.failure.type if one.operation.failure else facts.get("hit"))
            for one in self.done
            if (facts := dict(one.operation.facts))
        ]


@pytest.mark.parametrize("size", [1, 5, 1 << 14])
def test_a_lookup_is_a_hit_or_a_miss_however_its_bytes_are_cut(size):
    said = Connection(
        f">{command('SET', 'a', SECRET)}", "<+OK\r\n",
        f">{command('GET', 'a')}", f"<{value(SECRET)}",
        f">{command('GET', 'b')}", f"<{value(None)}",
        f">{command('EXISTS', 'a')}", "<:1\r\n",
        size=size,
    )  # fmt: skip

    assert [("GET", True), ("GET", False)] == said.told()
    assert SECRET not in repr(said.said) + repr(said.done)
    first = said.done[0]
    assert 0 < first.exchange.ended - first.exchange.began < S
    assert (("cache.key", ("a",)),) == first.operation.sealed
    assert {"tier": "L2", "db.system": "redis"}.items() <= dict(first.operation.facts).items()


def test_each_answer_is_its_own_commands_in_a_pipeline():
    said = Connection(
        ">" + command("GET", "a") + command("INCR", "n") + command("get", "b") + command("HGET", "h", "f"),
        "<" + value(None) + ":2\r\n" + value("x") + value("y"),
    )

    assert [("GET", False), ("GET", True), ("HGET", True)] == said.told()
    assert ["1", "2", "3"] == [one.exchange.part for one in said.done]


def test_of_many_keys_it_is_said_how_many_were_found():
    said = Connection(
        f">{command('MGET', 'a', 'b', 'c')}", "<*3\r\n" + value("x") + value(None) + value("y"),
        f">{command('HMGET', 'h', 'f', 'g')}", "<*2\r\n" + value("x") + value("y"),
    )  # fmt: skip
    mget, hmget = (dict(one.operation.facts) for one in said.done)

    assert (False, 2, 3) == (mget["hit"], mget["cache.hits"], mget["cache.keys"])
    assert (True, 2, 2) == (hmget["hit"], hmget["cache.hits"], hmget["cache.keys"])
    assert [("a", "b", "c"), ("h",)] == [dict(one.operation.sealed)["cache.key"] for one in said.done]


@pytest.mark.parametrize(
    ("name", "answer", "hit"),
    [
        ("HGETALL", "*0\r\n", False), ("HGETALL", "%0\r\n", False), ("HGETALL", "%1\r\n$1\r\nf\r\n$1\r\nv\r\n", True),
        ("HGETALL", "*2\r\n$1\r\nf\r\n$1\r\nv\r\n", True), ("GETEX", "_\r\n", False), ("GETDEL", "$0\r\n\r\n", True),
        ("JSON.GET", "$2\r\n[]\r\n", True), ("JSON.GET", "$-1\r\n", False), ("GET", "*-1\r\n", False),
    ],
)  # fmt: skip
def test_every_member_of_the_family(name, answer, hit):
    assert [(name, hit)] == Connection(f">{command(name, 'k')}", f"<{answer}").told()


def test_a_refused_lookup_is_neither():
    said = Connection(
        f">{command('GET', 'h')}",
        "<-WRONGTYPE Operation against a key\r\n",
        f">{command('GET', 'x')}",
        "<-MOVED 3999 10.0.0.2:6381\r\n",
    )

    assert [("GET", "WRONGTYPE"), ("GET", "MOVED")] == said.told()


def test_within_a_transaction_the_answers_come_together():
    said = Connection(
        ">" + command("MULTI") + command("GET", "a") + command("SET", "b", "1") + command("GET", "c") + command("EXEC"),
        "<+OK\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n*3\r\n" + value("x") + "+OK\r\n" + value(None),
        f">{command('GET', 'a')}", f"<{value('x')}",
    )  # fmt: skip

    assert [("GET", True), ("GET", False), ("GET", True)] == said.told()


@pytest.mark.parametrize(
    ("last", "answer", "why"),
    [
        ("EXEC", "*-1\r\n", "aborted"),
        ("EXEC", "-EXECABORT x\r\n", "aborted"),
        ("DISCARD", "+OK\r\n", "discarded"),
    ],
)
def test_a_transaction_that_came_to_nothing_looks_nothing_up(last, answer, why):
    said = Connection(
        ">" + command("MULTI") + command("GET", "a") + command(last), f"<+OK\r\n+QUEUED\r\n{answer}"
    )

    assert [("GET", why)] == said.told()


def test_the_database_is_the_one_that_was_selected():
    said = Connection(
        ">" + command("SELECT", "3") + command("GET", "a"),
        "<+OK\r\n" + value("x"),
        f">{command('GET', 'b')}",
        f"<{value('x')}",
    )

    assert ["3"] == [dict(one.operation.facts).get("db.namespace") for one in said.done][1:]


def test_what_came_unasked_is_no_answer():
    said = Connection(
        f">{command('GET', 'a')}", "<>2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\nb\r\n", f"<{value('x')}"
    )

    assert [("GET", True)] == said.told()


def test_a_connection_that_subscribes_is_heard_no_more():
    said = Connection(
        f">{command('SUBSCRIBE', 'c')}",
        "<*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n",
        f">{command('GET', 'a')}",
        f"<{value('x')}",
    )

    assert [] == said.told()


def test_what_was_not_answered_is_told_as_cut():
    (one,) = Connection(f">{command('GET', 'a')}").done

    assert "hit" not in dict(one.operation.facts)
    assert "truncated:response" in one.exchange.missing


def test_where_bytes_are_missing_no_answer_is_taken_for_anothers():
    said = Connection(
        f">{command('GET', 'a')}", ">lost", f">{command('GET', 'b')}", "<" + value("x") + value("y") + value("z"),
        2, f">{command('GET', 'c')}", f"<{value(None)}",
    )  # fmt: skip

    assert [("GET", None), ("GET", False)] == said.told()
    assert "lost_events" in said.done[0].exchange.missing


def test_on_a_connection_that_was_joined_the_first_answers_are_anybodys():
    said = Connection(
        f">{command('GET', 'a')}",
        f"<{value('x')}",
        2,
        f">{command('GET', 'b')}",
        f"<{value(None)}",
        joined=True,
    )

    assert [("GET", False)] == said.told()


def changes(*steps):
    return [
        (one.operation.verb, one.operation.failure.type if one.operation.failure else "ok")
        for one in Connection(*steps).changes
    ]


def test_what_changes_the_store_is_counted_once_it_is_answered():
    set_, del_, get = command("SET", "k", SECRET), command("DEL", "k"), command("GET", "k")
    talk = Connection(">" + set_ + get + del_, "<+OK\r\n" + value(None) + ":1\r\n")

    assert [("write", "ok"), ("delete", "ok")] == changes(
        ">" + set_ + get + del_, "<+OK\r\n" + value(None) + ":1\r\n"
    )
    assert [("GET", False)] == talk.told()
    assert 1 == len(talk.begun), "of a change nothing is said before it is done"
    assert SECRET not in str(talk.changes)


def test_a_change_that_is_refused_or_never_answered():
    assert [("write", "OOM")] == changes(">" + command("SET", "k", "v"), "<-OOM command not allowed\r\n")
    assert [] == changes(">" + command("SET", "k", "v"))
    within = command("MULTI") + command("SET", "k", "v") + command("EXEC")
    assert [("write", "ok")] == changes(">" + within, "<+OK\r\n+QUEUED\r\n*1\r\n+OK\r\n")
    assert [] == changes(">" + within, "<+OK\r\n+QUEUED\r\n*-1\r\n")


def test_a_servers_end_and_other_streams_are_not_claimed():
    request = Request(1, "STREAM", "redis", "h", 6379, "")

    assert Claim.HOST is EFFECT.claim(question(Exchange("x", "ebpf", None, "c", 0, "client", request)))
    assert Claim.NO is EFFECT.claim(question(Exchange("x", "ebpf", None, "c", 0, "server", request)))
    assert Claim.NO is EFFECT.claim(
        question(Exchange("x", "ebpf", None, "c", 0, "client", Request(1, "STREAM", "stdio", "", 0, "")))
    )


WORDS = st.sampled_from(
    ['["GET","k"]', '["MGET","a","b"]', '["MULTI"]', '["EXEC"]', '["DISCARD"]', '["SELECT",1]', "null", "1", '{"bytes":3}', '[null,{"bytes":1}]',
     '{"status":"OK"}', '{"status":"QUEUED"}', '{"error":"ERR"}', '{"map":[]}', "[]", "x", '["HGET",{"bytes":9}]', '["CLIENT","REPLY"]', "[[1]]"]
)  # fmt: skip


@given(
    st.lists(
        st.tuples(
            WORDS,
            st.sampled_from(["request", "response"]),
            st.sampled_from(["", "", "", "push", "lost"]),
            st.booleans(),
        ),
        max_size=30,
    )
)
def test_any_conversation_ends_each_lookup_that_began_once(said):
    exchange = Exchange("x", "ebpf", None, "c", 0, "client", Request(1, "STREAM", "redis", "h", 6379, ""))
    lookups, begun, done = Lookups(question(exchange)), [], []
    heard = list(lookups.begin())
    for at, (text, side, event, cut) in enumerate(said, 2):
        heard += lookups.frame(Frame(at, "resp", event, text, cut, side))
    heard += lookups.close(exchange)
    for one in heard:
        (begun if isinstance(one, Begun) else done).append(one.exchange.part)

    assert sorted(begun) == sorted(done)
    assert len(set(done)) == len(done)
    assert all(one.operation.failure is None or isinstance(one.operation.failure, Failure) for one in heard)
