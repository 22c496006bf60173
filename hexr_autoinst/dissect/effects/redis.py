"""Redis and Valkey: a lookup is a command of the GET family, and whether it was answered with something. Keys are told as a hash only.

A command that changes what is stored is counted, and no more is told of it.

Answers have no other name than their order, so every command waits for its own; within MULTI the answers come together, in EXEC's.
https://redis.io/docs/latest/develop/reference/protocol-spec/ · https://redis.io/docs/latest/develop/using-commands/transactions/
"""

from collections import deque
from dataclasses import dataclass, replace
from typing import Any, Final

from hexr_autoinst.dissect.claim import Begun, Claim, Done, Heard, Listener
from hexr_autoinst.dissect.effects.reading import told
from hexr_autoinst.dissect.lenient import elements, mapping, parse, text
from hexr_autoinst.dissect.question import Question
from hexr_autoinst.dissect.veil import is_veiled
from hexr_autoinst.model.exchange import Exchange, Frame, Response
from hexr_autoinst.model.operation import Effect, Failure

_SCHEMES: Final = frozenset({"redis", "rediss"})
_SILENCE: Final = 1_000_000_000
_MOST: Final = 65_536  # commands that wait for their answer
_ONE: Final = frozenset({"GET", "GETEX", "GETDEL", "HGET", "JSON.GET", "HGETALL"})
_MANY: Final = frozenset({"MGET", "JSON.MGET"})  # of many keys
_FIELDS: Final = frozenset({"HMGET", "HGETEX", "HGETDEL"})  # of many fields of one key
_FAMILY: Final = _ONE | _MANY | _FIELDS
# What is stored is changed (https://redis.io/docs/latest/commands/): of these no key is heard.
_DELETES: Final = frozenset({"DEL", "UNLINK", "HDEL", "JSON.DEL", "XDEL"})
_WRITES: Final = frozenset(
    ("SET", "SETEX", "PSETEX", "SETNX", "MSET", "MSETNX", "GETSET", "APPEND", "SETRANGE", "SETBIT", "INCR", "INCRBY", "INCRBYFLOAT",
     "DECR", "DECRBY", "HSET", "HMSET", "HSETNX", "HINCRBY", "HINCRBYFLOAT", "LPUSH", "RPUSH", "LPUSHX", "RPUSHX", "LSET", "LINSERT",
     "LTRIM", "LREM", "LPOP", "RPOP", "LMOVE", "SADD", "SREM", "SMOVE", "SPOP", "ZADD", "ZINCRBY", "ZREM", "ZPOPMIN", "ZPOPMAX",
     "XADD", "XTRIM", "XACK", "JSON.SET", "JSON.MSET", "JSON.MERGE", "JSON.NUMINCRBY", "JSON.ARRAPPEND", "EXPIRE", "PEXPIRE",
     "EXPIREAT", "PEXPIREAT", "PERSIST", "RENAME", "RENAMENX", "COPY")
)  # fmt: skip
# They change what the server says of itself; no answer is owed for what follows CLIENT REPLY OFF.
_SILENT: Final = (["CLIENT", "REPLY"],)
_SUBSCRIBES: Final = frozenset({"SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE", "MONITOR"})


@dataclass(slots=True)
class Waiting:
    """A command without its answer. `effect`: it is a lookup, or changes what is stored."""

    name: str
    exchange: Exchange | None = None
    effect: Effect | None = None
    arguments: tuple[Any, ...] = ()

    @property
    def looks(self) -> bool:
        """Whether it is told however it ends."""
        return self.effect is not None and not self.effect.counted


class Lookups:
    """The commands of one connection, in order."""

    kept: tuple[str, ...] = ()
    nested: tuple[str, ...] | None = None

    def __init__(self, question: Question) -> None:
        """`question`: the connection."""
        self._exchange = question.exchange
        self._waiting: deque[Waiting] = deque()
        self._queued: list[Waiting] | None = None  # since MULTI
        self._database: int | None = None
        self._count = self._changes = 0
        self._deaf = False  # its answers can no more be told apart
        self._astray = bool(question.exchange.missing)  # answers are on their way whose commands nobody saw
        self._last = 0

    def begin(self) -> Heard:
        """Nothing has been said."""
        return ()

    def frame(self, frame: Frame) -> Heard:
        """A command or an answer."""
        if frame.kind != "resp" or frame.event == "push" or self._deaf:
            return ()
        if frame.event == "lost":
            self._astray = True
            return self._lost()
        if self._strays(frame):
            return ()
        said = parse(frame.data)
        if frame.side == "request":
            return self._command(elements(said, 512), frame.at)
        return self._answer(said, frame.at, cut=frame.cut)

    def close(self, exchange: Exchange) -> Heard:
        """What was not answered has failed, or nobody has seen it answered."""
        return tuple(
            self._unanswered(w, exchange) for w in (*self._waiting, *(self._queued or ())) if w.looks
        )

    def _strays(self, frame: Frame) -> bool:
        """Where bytes are missing, no answer is anybody's until the connection was silent: then none is on its way."""
        if self._astray and frame.side == "request" and self._last and frame.at - self._last >= _SILENCE:
            self._astray = False
        self._last = frame.at
        return self._astray

    def _command(self, said: list[Any], at: int) -> Heard:
        name = said[0] if said and isinstance(said[0], str) else ""
        if name in _SUBSCRIBES or said[:2] in _SILENT or len(self._waiting) >= _MOST:
            self._deaf = True
            return self._lost()
        one = Waiting(name, arguments=tuple(said[1:]) if name in _FAMILY or name == "SELECT" else ())
        if name in _FAMILY:
            self._count += 1
            one.exchange = self._part(str(self._count), at)
            one.effect = self._lookup(name, one.arguments)
        elif name in _WRITES or name in _DELETES:
            self._changes += 1
            one.exchange = self._part(f"w{self._changes}", at)
            one.effect = self._change(name)
        self._waiting.append(one)
        return (Begun(one.exchange, one.effect),) if one.exchange and one.looks else ()

    def _part(self, name: str, at: int) -> Exchange:
        request = replace(self._exchange.request, at=at, ended=at)
        return replace(self._exchange, request=request, part=name, facts=0)

    def _change(self, name: str) -> Effect:
        facts = told(db__system="redis", db__operation=name)
        return Effect("cache", "delete" if name in _DELETES else "write", facts=facts, counted=True)

    def _lookup(self, name: str, arguments: tuple[Any, ...]) -> Effect:
        keys = tuple(
            k
            for k in (arguments if name in _MANY else arguments[:1])
            if isinstance(k, str) and not is_veiled(k)
        )
        number = None if self._database is None else str(self._database)
        facts = told(tier="L2", db__system="redis", db__operation=name, db__namespace=number)
        return Effect("cache", "lookup", facts=facts, sealed=(("cache.key", keys),) if keys else ())

    def _answer(self, said: Any, at: int, *, cut: bool) -> Heard:
        if not self._waiting:
            return ()
        one = self._waiting.popleft()
        status, failed = mapping(said).get("status"), mapping(said).get("error")
        if one.name == "MULTI" and failed is None:
            self._queued = []
        elif one.name == "EXEC":
            return self._executed(said, at, cut=cut)
        elif one.name == "DISCARD" and failed is None:
            return self._dropped(at, "discarded")
        elif self._queued is not None and status == "QUEUED":
            self._queued.append(one)
        elif one.name == "SELECT" and failed is None:
            self._database = one.arguments[0] if one.arguments and isinstance(one.arguments[0], int) else None
        elif one.effect is not None:
            return (self._done(one, said, at, cut=cut),)
        return ()

    def _executed(self, said: Any, at: int, *, cut: bool) -> Heard:
        """EXEC answers for all that was queued; null, or an error, for none of it."""
        queued, self._queued = self._queued or [], None
        if not isinstance(said, list):
            return self._dropped(at, "aborted", queued)
        if len(said) < len(queued):
            return self._lost(queued)
        return tuple(self._done(w, a, at, cut=cut) for w, a in zip(queued, said, strict=False) if w.effect)

    def _dropped(self, at: int, why: str, queued: list[Waiting] | None = None) -> Heard:
        mine = (self._queued or []) if queued is None else queued
        self._queued = None
        return tuple(self._failed(w, Failure(why), at) for w in mine if w.looks)

    def _done(self, one: Waiting, said: Any, at: int, *, cut: bool) -> Done:
        """`cut`: not all of the answer is there, and of many nobody can say how many were found."""
        wrong = mapping(said).get("error")
        if wrong is not None:
            return self._failed(one, Failure(text(wrong, 32) or "ERR"), at)
        if not one.looks:
            return self._ended(one, at)
        found, asked = _found(one.name, said)
        if one.name in _ONE:
            facts = told(hit=found > 0)
        else:
            facts = () if cut else told(hit=found == asked, cache__hits=found, cache__keys=asked)
        return self._ended(one, at, facts=facts)

    def _failed(self, one: Waiting, failure: Failure, at: int) -> Done:
        return self._ended(one, at, failure=failure)

    def _ended(
        self,
        one: Waiting,
        at: int,
        *,
        facts: tuple[tuple[str, Any], ...] = (),
        failure: Failure | None = None,
    ) -> Done:
        exchange, effect = one.exchange or self._exchange, one.effect or Effect("cache", "lookup")
        exchange = replace(exchange, response=Response(at, 0, "", ended=at))
        return Done(exchange, replace(effect, facts=(*effect.facts, *facts), failure=failure))

    def _unanswered(self, one: Waiting, exchange: Exchange) -> Done:
        mine = replace(one.exchange or exchange, missing=(*exchange.missing, "truncated:response"))
        return Done(mine, one.effect or Effect("cache", "lookup"))

    def _lost(self, queued: list[Waiting] | None = None) -> Heard:
        """Which answer is whose cannot be known any more: those that wait are told without."""
        gone = queued
        if gone is None:
            gone = [*self._waiting, *(self._queued or ())]
            self._waiting.clear()
            self._queued = None
        return tuple(
            Done(replace(w.exchange, missing=(*w.exchange.missing, "lost_events")), w.effect)
            for w in gone
            if w.exchange and w.effect and w.looks
        )


def _found(name: str, said: Any) -> tuple[int, int]:
    """How many were found, of how many that were asked for."""
    if name in _ONE:
        return int(said is not None and said not in ([], {"map": []})), 1
    values = elements(said)
    return sum(v is not None for v in values), len(values)


class Redis:
    """The dissector."""

    name = "redis"

    def claim(self, question: Question) -> Claim:
        """Sure by the protocol."""
        exchange = question.exchange
        mine = exchange.request.method == "STREAM" and exchange.request.scheme in _SCHEMES
        return Claim.HOST if mine and exchange.role != "server" else Claim.NO

    def open(self, question: Question, *, content: bool) -> Listener:  # noqa: ARG002 - nothing here is content
        """Begin to listen."""
        return Lookups(question)


EFFECT = Redis()
