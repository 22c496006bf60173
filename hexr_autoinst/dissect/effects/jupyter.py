"""Code run in a Jupyter kernel, over the WebSocket of a server or a gateway: one span for each `execute_request`.

https://jupyter-client.readthedocs.io/en/stable/messaging.html. Messages are JSON, or in pieces whose offsets come first
(https://jupyter-server.readthedocs.io/en/latest/developers/websocket-protocols.html). A kernel has no exit code: it lives on.
"""

import re
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

from hexr_autoinst.dissect.ask import client_hint
from hexr_autoinst.dissect.claim import Begun, Claim, Done, Heard
from hexr_autoinst.dissect.effects.reading import told
from hexr_autoinst.dissect.lenient import mapping, parse, text
from hexr_autoinst.dissect.question import Question
from hexr_autoinst.model.exchange import Exchange, Frame, Response
from hexr_autoinst.model.operation import Effect, Failure

_PATH: Final = re.compile(r"(?:.*/)?api/kernels/(?P<kernel>[^/]{1,128})/channels")
_BOOK: Final = "effects.jupyter.languages"
_OPEN: Final = 256  # requests that wait for their reply
_ID: Final = 128
_WORD: Final = 8  # bytes of an offset
_PIECES: Final = 5  # channel, header, parent's header, metadata, content
_LONGEST: Final = 256 << 10  # of what a kernel says: a reply is short, outputs are not ours
_ABORTED: Final = "aborted"
_CUT: Final = ("truncated:response",)


@dataclass(frozen=True, slots=True)
class Message:
    """The parts of a message that are read."""

    kind: str
    id: str | None
    parent: str | None
    content: dict[str, Any]


@dataclass(slots=True)
class Kernel:
    """One connection to a kernel. `language` is what the kernel says of itself, on this connection or an earlier one."""

    question: Question
    kernel: tuple[Any, ...]
    waiting: OrderedDict[str, Exchange] = field(default_factory=OrderedDict)
    nested: tuple[str, ...] | None = None

    @property
    def kept(self) -> tuple[str, ...]:
        """See `dissect.veil`."""
        return (
            "/", "channel", "header.msg_id", "header.msg_type", "parent_header.msg_id", "content.status", "content.ename",
            "content.language_info.name",
        )  # fmt: skip

    def begin(self) -> Heard:
        """A connection is no run."""
        return ()

    def frame(self, frame: Frame) -> Heard:
        """A message of either side."""
        if frame.side == "response" and max(len(frame.data), len(frame.raw)) > _LONGEST:
            return ()
        said = _message(frame)
        if said is None:
            return ()
        if frame.side == "request":
            return tuple(self._asked(said, frame.at)) if said.kind == "execute_request" else ()
        if said.kind == "kernel_info_reply":
            if name := text(mapping(said.content, "language_info").get("name"), 64):
                self.question.memory.book(_BOOK).put(self.kernel, name)
        elif said.kind == "execute_reply" and said.parent is not None and said.parent in self.waiting:
            return (self._over(said.parent, frame.at, _failure(said.content)),)
        return ()

    def close(self, exchange: Exchange) -> Heard:
        """The connection is over: what is asked will not be answered on it."""
        return tuple(self._over(id_, exchange.ended, None, _CUT) for id_ in list(self.waiting))

    def _asked(self, said: Message, at: int) -> Iterator[Begun | Done]:
        if said.id is None or said.id in self.waiting:
            return
        if len(self.waiting) >= _OPEN:
            yield self._over(next(iter(self.waiting)), at, None, _CUT)
        whole = self.question.exchange
        one = replace(
            whole, part=said.id, request=replace(whole.request, at=at, ended=at), response=None, facts=0
        )
        self.waiting[said.id] = one
        yield Begun(one, self._effect())

    def _over(self, id_: str, at: int, failure: Failure | None, missing: tuple[str, ...] = ()) -> Done:
        one = self.waiting.pop(id_)
        return Done(replace(one, response=Response(at, 0, ended=at)), self._effect(failure, missing))

    def _effect(self, failure: Failure | None = None, missing: tuple[str, ...] = ()) -> Effect:
        language = self.question.memory.book(_BOOK).get(self.kernel)
        hint = client_hint(self.question.exchange.request.headers)
        facts = told(language=language)
        return Effect(
            "sandbox", "exec", "jupyter", failure, facts, client_hint=hint, missing=missing, ended=not missing
        )


class Jupyter:
    """The dissector."""

    name = "jupyter"

    def claim(self, question: Question) -> Claim:
        """By its path: a kernel's channels, upgraded to a WebSocket."""
        request = question.exchange.request
        upgrade = request.method == "GET" and request.headers.get("upgrade").lower() == "websocket"
        return Claim.PATH if upgrade and _PATH.fullmatch(question.path) else Claim.NO

    def open(self, question: Question, *, content: bool) -> Kernel:  # noqa: ARG002 - no code is told
        """Begin to listen."""
        exchange, match = question.exchange, _PATH.fullmatch(question.path)
        return Kernel(
            question,
            (
                exchange.source,
                exchange.request.host.lower(),
                exchange.request.port,
                match and match["kernel"],
            ),
        )


def _message(frame: Frame) -> Message | None:
    value = _pieces(frame.raw) if frame.raw else parse(frame.data)
    header = mapping(value, "header")
    kind = text(header.get("msg_type"), 64)
    if kind is None:
        return None
    parent = _id(mapping(value, "parent_header").get("msg_id"))
    return Message(kind, _id(header.get("msg_id")), parent, mapping(value, "content"))


def _pieces(raw: bytes) -> dict[str, Any] | None:
    """A message in pieces: how many offsets, the offsets, the pieces; numbers of eight bytes, the least first."""
    count = int.from_bytes(raw[:_WORD], "little")
    if count <= _PIECES or (count + 1) * _WORD > len(raw):
        return None
    at = [int.from_bytes(raw[n * _WORD : (n + 1) * _WORD], "little") for n in range(1, _PIECES + 2)]
    names = ("header", "parent_header", "metadata", "content")
    return {name: parse(raw[at[n] : at[n + 1]]) for n, name in enumerate(names, 1)}


def _id(value: Any) -> str | None:
    """An id that can be compared: one that would have to be cut is none."""
    return value if isinstance(value, str) and 0 < len(value) <= _ID and value.isprintable() else None


def _failure(content: dict[str, Any]) -> Failure | None:
    status = content.get("status")
    if status == "error":
        return Failure(text(content.get("ename"), 128) or "_OTHER")
    return Failure(_ABORTED) if status in ("abort", _ABORTED) else None


EFFECT: Final = Jupyter()
