import gzip
import json
from collections import Counter

import pytest

from hexr_autoinst.capture.replay import read, session
from hexr_autoinst.capture.stream import frame, header
from hexr_autoinst.config import Session
from hexr_autoinst.errors import InputError
from hexr_autoinst.model.facts import END_OF_TIME, Data, End, Head, Lost, Tick


def entry(second, milliseconds=1000, **more):
    return {
        "startedDateTime": f"2026-01-01T00:00:{second:02}Z",
        "time": milliseconds,
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
        "request": {"method": "GET", "url": "http://h/", "headers": []},
        "response": {"status": 200, "headers": [], "content": {}},
        **more,
    }


def har(path, *entries):
    path.write_text(json.dumps({"log": {"version": "1.2", "entries": entries}}))
    return path


def order(facts):
    return [(type(f).__name__, f.flow, f.side) for f in facts if isinstance(f, Head | Data | End)]


def test_facts_of_all_entries_come_in_order_of_time_and_end_with_the_end_of_time(tmp_path):
    facts = list(read(har(tmp_path / "x.har", entry(0, 5000), entry(2, 1000), entry(9))))
    times = [f.at for f in facts]

    assert times == sorted(times)
    assert facts[-1] == Tick(END_OF_TIME)
    assert order(facts)[:4] == [
        ("Head", "0", "request"),
        ("End", "0", "request"),
        ("Head", "1", "request"),
        ("End", "1", "request"),
    ]
    assert [f.flow for f in facts if isinstance(f, End) and f.side == "response"] == ["1", "0", "2"]


def test_entries_out_of_order_are_told_in_order(tmp_path):
    a, b, c = (entry(second, _id=name, _conn="c") for second, name in ((0, "a"), (5, "b"), (7, "c")))

    assert list(read(har(tmp_path / "x.har", a, b, c))) == list(read(har(tmp_path / "y.har", c, a, b)))


def test_an_exchange_is_over_before_one_that_begins_when_it_ends(tmp_path):
    facts = order(read(har(tmp_path / "x.har", entry(0, 1000), entry(1, 1000))))

    assert [flow for _, flow, _ in facts] == ["0"] * 4 + ["1"] * 4


def test_a_connections_exchanges_are_numbered(tmp_path):
    facts = read(har(tmp_path / "x.har", *[entry(n, 1, _conn=c) for n, c in enumerate("aabab")]))

    assert [f.ordinal for f in facts if isinstance(f, Head) and f.side == "request"] == [0, 1, 0, 2, 1]


def test_a_gzipped_file_is_known_by_its_bytes(tmp_path):
    plain = har(tmp_path / "x.har", entry(0))
    zipped = tmp_path / "no-suffix"
    zipped.write_bytes(gzip.compress(plain.read_bytes()))

    assert list(read(plain)) == list(read(zipped))


def test_entries_that_are_no_exchange_are_counted(tmp_path):
    skipped = Counter()
    stream = entry(1)
    stream["request"]["method"] = "STREAM"
    facts = list(read(har(tmp_path / "x.har", entry(0), stream), skipped))

    assert skipped == {"har_stream": 1}
    assert {f.flow for f in facts if isinstance(f, Head)} == {"0"}


FACTS = [
    Head(1, "proxy", "f", "request", method="GET"),
    Data(2, "proxy", "f", "request", b"x"),
    End(3, "proxy", "f", "request"),
]


def recording(path, facts, **more):
    path.write_bytes(header("recording", **more) + b"".join(map(frame, facts)))
    return path


def test_a_recording_streams_straight_through(tmp_path):
    assert list(read(recording(tmp_path / "x", FACTS))) == [*FACTS, Tick(END_OF_TIME)]


def test_a_recording_that_was_cut_says_that_a_fact_is_lost(tmp_path):
    path = recording(tmp_path / "x", FACTS)
    path.write_bytes(path.read_bytes()[:-1])

    assert list(read(path)) == [*FACTS[:2], Lost(2, "har", "recording_end", 1), Tick(END_OF_TIME)]


def test_the_session_is_the_recordings(tmp_path):
    path = recording(tmp_path / "x", [], salt="ab12", key="cd", host="h", clock_offset=5)

    assert session(path) == Session(5, "ab12", "cd", "h")


def test_the_session_of_a_har_is_always_the_same_and_its_key_is_not_its_salt(tmp_path):
    one, other = session(har(tmp_path / "x.har")), session(har(tmp_path / "y.har", entry(0)))

    assert one == other
    assert one.salt != one.key


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "`{` expected"),
        (b"hello", "`{` expected"),
        (b'{"log": {}}', "no `entries`"),
        (b'{"log": {"entries": [{"request": {}, "response": {}}]}}', "entry 0: `startedDateTime` is missing"),
        (b'{"log": {"entries": [' + json.dumps(entry(0)).encode() + b', {"a": ', "entry 1: "),
        (b'{"log": {"entries": ["\xff"]}}', "not UTF-8"),
        (b"\x1f\x8bnonsense", "."),
        (gzip.compress(b'{"log": {"entries": []}}')[:-9], "."),
        (b'{"role": "recording", "version": 99}\n', "version 1"),
        (header("recording") + b"\xff\xff\xff\xff", "4294967295 bytes"),
    ],
)
def test_a_file_that_is_neither_is_an_error_that_says_where(tmp_path, data, reason):
    path = tmp_path / "x"
    path.write_bytes(data)

    with pytest.raises(InputError, match=reason) as error:
        list(read(path))
    assert str(path) in str(error.value)


def test_a_file_that_is_not_there_is_the_same_error(tmp_path):
    with pytest.raises(InputError, match="No such file"):
        list(read(tmp_path / "none"))
    with pytest.raises(InputError, match="Is a directory"):
        session(tmp_path)
