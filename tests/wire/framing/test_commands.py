import pytest

from hexr_autoinst.wire.framing.commands import KEPT, command

SECRET = "hunter2"


def told(line):
    return command([(len(w), w) for w in line.encode().split(b" ")])


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("get k", ["GET", "k"]),
        ("SET k hunter2", ["SET", "k", {"bytes": 7}]),
        ("SET k EX EX 60", ["SET", "k", {"bytes": 2}, "EX", 60]),
        ("SETEX k 60 hunter2", ["SETEX", "k", 60, {"bytes": 7}]),
        ("GETEX k PERSIST", ["GETEX", "k", "PERSIST"]),
        ("MSET a hunter2 b hunter2", ["MSET", "a", {"bytes": 7}, "b", {"bytes": 7}]),
        ("HSET h f hunter2", ["HSET", "h", {"bytes": 1}, {"bytes": 7}]),
        ("JSON.MGET a b $.x", ["JSON.MGET", "a", "b", {"bytes": 3}]),
        ("EVAL hunter2 1 k", ["EVAL", {"bytes": 7}, 1, {"bytes": 1}]),
        ("AUTH hunter2", ["AUTH", {"bytes": 7}]),
        ("AUTH user hunter2", ["AUTH", {"bytes": 4}, {"bytes": 7}]),
        ("HELLO 3 AUTH user hunter2 SETNAME hunter2", ["HELLO", 3, {"bytes": 4}, {"bytes": 4}, {"bytes": 7}, {"bytes": 7}, {"bytes": 7}]),
        ("CONFIG SET requirepass hunter2", ["CONFIG", "SET", {"bytes": 11}, {"bytes": 7}]),
        ("ACL SETUSER me >hunter2", ["ACL", "SETUSER", {"bytes": 2}, {"bytes": 8}]),
        ("MIGRATE h 1 k 0 5 AUTH hunter2", ["MIGRATE", {"bytes": 1}, {"bytes": 1}, {"bytes": 1}, {"bytes": 1}, {"bytes": 1}, {"bytes": 4}, {"bytes": 7}]),
        ("hunter2!", [{"bytes": 8}]),
        ("FT.SEARCH idx @tag:{hunter2}=>[KNN LIMIT 0 3 DIALECT 2", ["FT.SEARCH", "idx", {"bytes": 20, "vector": True}, "LIMIT", {"bytes": 1}, {"bytes": 1}, "DIALECT", 2]),
        ("VSIM vk ELE hunter2 COUNT 5", ["VSIM", "vk", "ELE", {"bytes": 7}, "COUNT", 5]),
    ],
)  # fmt: skip
def test_what_is_told_of_a_command(line, expected):
    assert told(line) == expected
    assert SECRET not in repr(told(line)) or expected == [{"bytes": 8}]


def test_a_key_that_was_too_long_or_is_no_text():
    assert command([(3, b"GET"), (KEPT + 1, None)]) == ["GET", {"bytes": KEPT + 1}]
    assert command([(3, b"GET"), (2, b"\xffk")]) == ["GET", "\\xffk"]
