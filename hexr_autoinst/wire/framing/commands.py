"""What of a Redis or Valkey command may be told: its name, its keys, the words of its syntax. Never a value.

Where the keys of a command stand is the command's own (`COMMAND INFO`, https://redis.io/docs/latest/commands/). A command
that is not listed is told by its name and the lengths of its arguments: a password may be among them.
"""

import re
from typing import Any, Final, NamedTuple

KEPT: Final = 512  # bytes of an argument that may be a key; a longer one is told by its length


class Shape(NamedTuple):
    """Arguments `first`, `first + step` … up to `last` (-1: to the end) are keys; words of syntax begin at `words` (0: none)."""

    first: int = 1
    last: int = 1
    step: int = 1
    words: int = 0
    number: int = 0  # an argument that is a number of seconds or of keys


_ONE, _ALL = Shape(), Shape(last=-1)
_SHAPES: Final[dict[str, Shape]] = {
    "SET": Shape(words=3), "GETEX": Shape(words=2), "SETEX": Shape(number=2), "PSETEX": Shape(number=2),
    "EXPIRE": Shape(number=2, words=3), "PEXPIRE": Shape(number=2, words=3), "EXPIREAT": Shape(number=2, words=3),
    "PEXPIREAT": Shape(number=2, words=3), "MSET": Shape(last=-1, step=2), "MSETNX": Shape(last=-1, step=2),
    "HEXPIRE": Shape(number=2, words=3), "HGETEX": Shape(words=2), "HSETEX": Shape(words=2),
    "SCAN": Shape(0, 0, words=2), "HSCAN": Shape(words=3), "SSCAN": Shape(words=3), "ZSCAN": Shape(words=3),
    "XADD": Shape(words=2), "XRANGE": Shape(words=4), "ZADD": Shape(words=2), "ZRANGE": Shape(words=4),
    "COPY": Shape(last=2, words=3), "RENAME": Shape(last=2), "RENAMENX": Shape(last=2), "SMOVE": Shape(last=2),
    "RPOPLPUSH": Shape(last=2), "LMOVE": Shape(last=2, words=3), "GETSET": _ONE, "GETDEL": _ONE,
    "FT.SEARCH": Shape(words=3), "FT.AGGREGATE": Shape(words=3), "FT.HYBRID": Shape(words=2), "FT.INFO": _ONE,
    "FT.CREATE": Shape(words=2), "FT.DROPINDEX": Shape(words=2), "VSIM": Shape(words=2), "VADD": Shape(words=2),
    "JSON.GET": _ONE, "JSON.SET": Shape(words=4), "JSON.MGET": Shape(last=-2), "TS.GET": _ONE,
    "EVAL": Shape(0, 0, number=2), "EVALSHA": Shape(0, 0, number=2), "SELECT": Shape(0, 0, number=1), "HELLO": Shape(0, 0, number=1),
    **dict.fromkeys(("MGET", "DEL", "UNLINK", "EXISTS", "TOUCH", "WATCH", "SUBSCRIBE", "PSUBSCRIBE", "SINTER", "SUNION", "SDIFF"), _ALL),
    **dict.fromkeys(
        ("GET", "GETRANGE", "SUBSTR", "STRLEN", "SETNX", "APPEND", "SETRANGE", "INCR", "INCRBY", "INCRBYFLOAT", "DECR", "DECRBY",
         "HGET", "HMGET", "HGETALL", "HSET", "HMSET", "HSETNX", "HDEL", "HEXISTS", "HKEYS", "HVALS", "HLEN", "HINCRBY", "HGETDEL",
         "LPUSH", "RPUSH", "LPOP", "RPOP", "LRANGE", "LLEN", "LINDEX", "LSET", "LREM", "LTRIM", "SADD", "SREM", "SMEMBERS",
         "SISMEMBER", "SCARD", "SPOP", "SRANDMEMBER", "ZREM", "ZSCORE", "ZRANK", "ZCARD", "ZCOUNT", "ZINCRBY", "ZRANGEBYSCORE",
         "TTL", "PTTL", "EXPIRETIME", "PERSIST", "TYPE", "DUMP", "GETBIT", "SETBIT", "BITCOUNT", "PFADD", "XLEN", "XDEL", "XACK",
         "PUBLISH", "JSON.DEL", "JSON.TYPE", "JSON.OBJLEN", "VCARD", "VDIM", "VEMB", "VREM"),
        _ONE,
    ),
}  # fmt: skip
# Commands whose first argument is one of a few words.
_CONTAINERS: Final = frozenset(
    ("CLIENT", "CONFIG", "COMMAND", "CLUSTER", "OBJECT", "MEMORY", "SCRIPT", "FUNCTION", "ACL", "LATENCY", "SLOWLOG", "DEBUG",
     "XINFO", "XGROUP", "PUBSUB", "MODULE", "JSON.DEBUG", "INFO")
)  # fmt: skip
_SYNTAX: Final = frozenset(
    ("EX", "PX", "EXAT", "PXAT", "NX", "XX", "GT", "LT", "KEEPTTL", "GET", "PERSIST", "COUNT", "MATCH", "TYPE", "WITHSCORES",
     "LIMIT", "NOCONTENT", "RETURN", "PARAMS", "DIALECT", "SORTBY", "ASC", "DESC", "VECTOR", "KNN", "LOAD", "APPLY", "GROUPBY",
     "REDUCE", "FILTER", "SCHEMA", "ON", "PREFIX", "TIMEOUT", "MAXLEN", "REPLACE", "LEFT", "RIGHT", "BYSCORE", "REV", "ELE",
     "VALUES", "FP32", "FIELDS", "WITHSCORE", "CH", "INCR", "SEARCH", "VSIM")
)  # fmt: skip
# A number follows these, and it is no value.
_COUNTED: Final = frozenset(
    ("EX", "PX", "EXAT", "PXAT", "COUNT", "DIALECT", "TIMEOUT", "MAXLEN", "KNN", "RETURN", "PARAMS")
)
# What makes a query a search by similarity (https://redis.io/docs/latest/develop/ai/search-and-query/vectors/).
_VECTOR: Final = re.compile(rb"\[ *(?:KNN|VECTOR_RANGE)\b", re.IGNORECASE)
_NAME: Final = re.compile(rb"[A-Za-z][A-Za-z0-9._\-]{0,31}")
_NUMBER: Final = re.compile(rb"-?\d{1,18}")

# An argument: its length, and its bytes where it was short enough to be kept.
Argument = tuple[int, bytes | None]


def command(arguments: list[Argument]) -> list[Any]:
    """A command as JSON: its name in capitals, then for each argument a string (a key, a word), a number, or {"bytes": n}."""
    name = _word(arguments[0])
    told: list[Any] = [name or _length(arguments[0])]
    shape = _SHAPES.get(name)
    rest = arguments[1:]
    if shape is None:
        for place, argument in enumerate(rest):
            told.append((place == 0 and name in _CONTAINERS and _word(argument)) or _length(argument))
        return told
    last = shape.last if shape.last >= 0 else len(rest) + 1 + shape.last
    before = ""
    for place, argument in enumerate(rest, 1):
        word = _word(argument) if 0 < shape.words <= place else ""
        word = word if word in _SYNTAX else ""
        if shape.first and shape.first <= place <= last and not (place - shape.first) % shape.step:
            told.append(_key(argument))
        elif word:
            told.append(word)
        elif place == shape.number or before in _COUNTED:
            told.append(_number(argument))
        else:
            told.append(_length(argument))
        before = word
    return told


def _word(argument: Argument) -> str:
    said = argument[1]
    return said.decode().upper() if said is not None and _NAME.fullmatch(said) else ""


def _key(argument: Argument) -> Any:
    said = argument[1]
    return _length(argument) if said is None else said.decode("utf-8", "backslashreplace")


def _number(argument: Argument) -> Any:
    said = argument[1]
    return int(said) if said is not None and _NUMBER.fullmatch(said) else _length(argument)


def _length(argument: Argument) -> dict[str, Any]:
    size, said = argument
    vector = said is not None and _VECTOR.search(said) is not None
    return {"bytes": size, "vector": True} if vector else {"bytes": size}
