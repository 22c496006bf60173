"""Which conversation a request goes on with: its ids, what it has said so far as digests, what it brings of tools. Any dialect's, by its places.

Digests of the beginnings of the list of messages are made by one running hash. What a client changes from call to call without
meaning anything by it (marks for a cache, a text alone or in a list) is left out, so that a beginning stays the same.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any, Final, NamedTuple

from hexr_autoinst.dissect import digest, quoted
from hexr_autoinst.dissect.content import json_text
from hexr_autoinst.dissect.lenient import clean, mapping, objects, text
from hexr_autoinst.model.operation import Thread, ToolResult
from hexr_autoinst.model.sample import SIZE, sample

BEGINNINGS: Final = (
    128  # the newest; between two requests of a conversation stand an answer and its calls' results
)
_MESSAGES: Final = 10_000
_LATE: Final = 64  # messages in which a result may stand behind another call of the same answer
RESULTS: Final = 512
RESULT: Final = 64 << 10  # characters of one that are kept, where content is
_HEAD: Final = frozenset({"system", "developer"})
_OWN: Final = frozenset({"assistant", "model", "chatbot"})
Message = dict[str, Any]


class Result(NamedTuple):
    """A tool's result as it stands in a message."""

    id: Any = None
    name: Any = None
    failed: bool = False
    value: Any = None


@dataclass(frozen=True, slots=True)
class Places:
    """Where a dialect's request says what. A place is a tuple of member names.

    `heads`: instructions beside the messages. `said`: a newest message beside them. `results`: those in one message, `beside` those in the request itself. `ids`: (kind, place) of a conversation's ids, `after` that of
    the answer that is gone on from. `aside`: members of a message that mean nothing. `forced`: where the name of the one tool stands that must be called; `must`: (place, word) that say so of whichever tool. `mine`: whether a message is the model's own.
    """

    messages: tuple[str, ...] = ("messages",)
    heads: tuple[tuple[str, ...], ...] = ()
    said: tuple[str, ...] = ()
    results: Callable[[Message], Iterable[Result]] = lambda _message: ()
    beside: Callable[[Message], Iterable[Result]] = lambda _body: ()
    ids: tuple[tuple[str, tuple[str, ...]], ...] = ()
    after: tuple[str, ...] = ()
    aside: frozenset[str] = frozenset()
    forced: tuple[str, ...] = ()
    must: tuple[tuple[str, ...], str] = ((), "")
    mine: Callable[[Message], bool] = lambda message: _role(message) in _OWN


def tool_messages(message: Message) -> Iterator[Result]:
    """Results that are messages of their own, as OpenAI has them and many after it."""
    if message.get("role") in ("tool", "function"):
        name = message.get("name") or message.get("tool_name")
        yield Result(message.get("tool_call_id"), name, value=message.get("content"))


def of_request(body: Any, places: Places, tools: tuple[str, ...], *, content: bool) -> Thread:
    """What the request's JSON shows. `tools`: the names of those that it offers."""
    body = mapping({"": body}, "")
    said = _messages(body, places.messages)
    said += _messages(body, places.said) if places.said else []
    heads = [m for m in said if _role(m) in _HEAD]
    talk = [m for m in said if _role(m) not in _HEAD] if heads else said
    newest = _newest(talk, places)
    beside = list(places.beside(body))
    results = [
        *_results(talk, newest, places, content=content),
        *(_result(one, new=True, content=content) for one in beside),
    ]
    fresh = bool(newest) and not beside and not any(True for m in newest for _ in places.results(m))
    ids = ((kind, text(_at(body, place))) for kind, place in places.ids)
    return Thread(
        ids=tuple((kind, said) for kind, said in ids if said),
        after=text(_at(body, places.after)) if places.after else None,
        history=_history(talk, places.aside),
        head=_head(body, heads, places, tools),
        tools=bool(tools),
        forced=bool(places.forced) and text(_at(body, places.forced)) is not None,
        must=_at(body, places.must[0]) == places.must[1],
        fresh=fresh,
        words=digest.of_words(digest.texts(newest, places.aside | _LABELS)) if fresh else (),
        results=tuple(results[-RESULTS:]),
    )


# Members whose texts are labels, not what is said.
_LABELS: Final = frozenset({"role", "type", "id"})


def _role(message: Message) -> str:
    role = message.get("role")
    return _ROLES.get(role) or str(role).lower() if isinstance(role, str) else ""


# The words that are nearly always met need no second look.
_ROLES: Final = {
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
    "system": "system",
    "model": "model",
}


def _at(value: Any, place: Iterable[str]) -> Any:
    for name in place:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _messages(body: Message, place: tuple[str, ...]) -> list[Message]:
    """A text alone is a message; so is an object."""
    found = _at(body, place)
    if isinstance(found, str):
        return [{"role": "user", "content": found}]
    return [found] if isinstance(found, dict) else list(objects(found, _MESSAGES))


def _newest(talk: list[Message], places: Places) -> list[Message]:
    """The messages behind the model's last."""
    last = next((n for n in range(len(talk) - 1, -1, -1) if places.mine(talk[n])), -1)
    return talk[last + 1 :]


def _results(
    talk: list[Message], newest: list[Message], places: Places, *, content: bool
) -> Iterator[ToolResult]:
    """Of those with an id the latest, of others the newest: an older one of that name is another call's."""
    fresh = len(talk) - len(newest)
    for n in range(max(0, min(fresh, len(talk) - _LATE)), len(talk)):
        for one in places.results(talk[n]):
            if one.id or n >= fresh:
                yield _result(one, new=n >= fresh, content=content)
        if n < fresh < len(talk) and places.mine(talk[n]):
            yield from _quoted(talk[n], places.aside)


def _quoted(message: Message, aside: frozenset[str]) -> Iterator[ToolResult]:
    """Calls that the model's own message quotes as text: what stands behind it is what they brought, in words."""
    said = message.get("content")
    for one in [said] if isinstance(said, str) else digest.texts(said, aside):
        for id_ in quoted.ids(one):
            yield ToolResult(id_)


def _result(one: Result, *, new: bool, content: bool) -> ToolResult:
    kept = _kept(one.value) if content and new else None
    return ToolResult(text(one.id), text(one.name), one.failed, kept)


def _kept(value: Any) -> str | None:
    if value is None:
        return None
    return (
        clean(json.dumps(value, ensure_ascii=False), RESULT) if isinstance(value, str) else json_text(value)
    )


def _history(talk: list[Message], aside: frozenset[str]) -> tuple[bytes, ...]:
    aside |= {"type"}
    running = blake2b(digest_size=SIZE)
    oldest, found = len(talk) - BEGINNINGS, []
    for n, message in enumerate(talk):
        said = message.get("content")
        if type(said) is str and len(message) == 2:  # a role and a text, as most are
            running.update(_role(message).encode("utf-8", "replace") + b"\0" + sample(said) + b"\1")
        else:
            running.update(b"\0".join([sample(t) for t in digest.texts(message, aside)]) + b"\1")
        if n >= oldest:
            found.append(running.digest())
    return tuple(found)


def _head(body: Message, heads: list[Message], places: Places, tools: tuple[str, ...]) -> bytes:
    said = [_at(body, place) for place in places.heads]
    running = blake2b(digest_size=SIZE)
    for one in digest.texts([said, heads], places.aside):
        running.update(sample(one) + b"\0")
    running.update("\0".join(tools).encode("utf-8", "surrogatepass"))
    return running.digest()


def also(thread: Thread, ids: Iterable[tuple[str, str]]) -> Thread:
    """With ids that stand elsewhere: what is nearer to the call, in its body, counts more."""
    merged: Mapping[str, str] = {**dict(ids), **dict(thread.ids)}
    return replace(thread, ids=tuple(merged.items())) if merged else thread
