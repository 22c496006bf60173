"""What a model answered, gathered piece by piece. Every list and text in here is bounded; what is cut is remembered.

A whole answer is one big piece: it takes the same road as a stream.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from hexr_autoinst.dissect.lenient import WORD, clean, text
from hexr_autoinst.model.operation import Effect, Extra, Failure, Usage

MOST_CHOICES: Final = 128  # OpenAI's largest n
MOST_CALLS: Final = 256
MOST_PARTS: Final = 1024
_UNSAID: Final = Usage()
CONTENT: Final = 256 << 10  # characters of content kept for one exchange
ARGUMENTS: Final = (
    256 << 10
)  # characters of arguments held until they are digested, of all calls of one exchange


@dataclass(slots=True)
class Said:
    """Text or reasoning, as its pieces came."""

    kind: str
    pieces: list[str]


@dataclass(slots=True)
class Call:
    """A tool the model asked for. `server`: the vendor runs it itself. `index`: the stream's name for it.

    `pieces` are its arguments where content is kept. `said` are the same for their digest alone, however they came; `lost`: they were too long.
    """

    name: str = ""
    id: str | None = None
    index: int | None = None
    server: bool = False
    pieces: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    lost: bool = False

    @property
    def arguments(self) -> str:
        """The JSON text as far as it came and was kept."""
        return "".join(self.pieces)


@dataclass(slots=True)
class Choice:
    """One alternative answer, its parts in the order they began."""

    finish: str | None = None
    parts: list[Said | Call] = field(default_factory=list)

    def calls(self) -> Iterator[Call]:
        """Its tool calls."""
        return (p for p in self.parts if isinstance(p, Call))


@dataclass(slots=True)
class Answer:
    """The answer's half of a model call, as far as it is known."""

    content: bool = False
    id: str | None = None
    model: str | None = None
    usage: Usage = _UNSAID
    choices: dict[int, Choice] = field(default_factory=dict)
    extras: dict[str, Extra] = field(default_factory=dict)
    scan: Effect | None = None  # a moderation's verdict
    conversation: str | None = None
    failure: Failure | None = None
    done: bool = False
    found: bool = False  # the answer has the dialect's shape, though no other member here shows it
    frames: int = 0
    rest: str = ""  # of a framing inside the frames: what is not whole yet
    unparsed: int = 0
    taken: set[int] = field(default_factory=set)
    counts: dict[str, int] = field(default_factory=dict)
    first_output_at: int | None = None
    last_output_at: int | None = None
    output_chunks: int = 0
    cut: set[str] = field(default_factory=set)
    left: int = CONTENT
    held: int = 0
    calls: int = 0

    def identify(self, id_: Any, model: Any) -> None:
        """The answer's own id and model; a later piece that is silent takes nothing back."""
        if id_ != self.id:  # every event of a stream says both again
            self.id = text(id_) or self.id
        if model != self.model:
            self.model = text(model) or self.model

    def output(self, at: int) -> None:
        """A frame with output arrived."""
        self.output_chunks += 1
        self.last_output_at = at
        if self.first_output_at is None:
            self.first_output_at = at

    def take(self, item: int) -> None:
        """An item of a stream is told; the whole answer at its end will bring it again."""
        if len(self.taken) < MOST_PARTS:
            self.taken.add(item)

    def choice(self, index: int) -> Choice | None:
        """The choice of that index; None beyond the limit."""
        if index not in self.choices:
            if len(self.choices) >= MOST_CHOICES:
                self.cut.add("choices")
                return None
            self.choices[index] = Choice()
        return self.choices[index]

    def say(self, choice: Choice, kind: str, said: str) -> None:
        """Keep a piece of text, if content is kept at all."""
        if not self.content or not (piece := self._keep(said)):
            return
        last = choice.parts[-1] if choice.parts else None
        if isinstance(last, Said) and last.kind == kind:
            last.pieces.append(piece)
        elif len(choice.parts) < MOST_PARTS:
            choice.parts.append(Said(kind, [piece]))

    def argue(self, call: Call, said: Any) -> None:
        """Take a piece of a call's arguments, and keep it if content is kept at all."""
        if not isinstance(said, str):
            return
        self.held += len(said)
        if self.held > ARGUMENTS:
            call.lost, call.said = True, []
        else:
            call.said.append(said)
        if piece := self._keep(said):
            call.pieces.append(piece)

    def argue_value(self, call: Call, said: Any) -> None:
        """Keep arguments that came as a JSON value, not as text."""
        if not call.said and not call.lost:
            self.argue(call, json.dumps(said, ensure_ascii=False))

    def call(self, choice: Choice, *, index: int | None, id_: str | None, name: str | None) -> Call | None:
        """The call that a piece belongs to: by id, else by index, else a new one where a name begins it."""
        found = _belongs(list(choice.calls()), index, id_, name)
        if found is None:
            if self.calls >= MOST_CALLS:
                self.cut.add("tool_calls")
                return None
            self.calls += 1
            found = Call(index=index)
            choice.parts.append(found)
        found.id = found.id or id_
        found.name = found.name or clean(name or "", WORD)
        return found

    def _keep(self, said: str) -> str:
        if not self.content:
            return ""
        kept = said[: self.left]
        self.left -= len(kept)
        if len(kept) < len(said):
            self.cut.add("content")
        return kept


def _belongs(calls: list[Call], index: int | None, id_: str | None, name: str | None) -> Call | None:
    if id_:
        same = next((c for c in calls if c.id == id_), None)
        # Some servers give every parallel call index 0: another id is another call.
        return same or next(
            (c for c in calls if c.id is None and c.index == index and index is not None), None
        )
    if index is not None:
        return next((c for c in reversed(calls) if c.index == index), None)
    return calls[-1] if calls and not name else None
