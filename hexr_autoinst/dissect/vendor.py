"""A vendor as data: its hosts, its paths and the shapes spoken there. One engine claims and opens for all of them.

On a host of its own a vendor is sure by the path alone. Elsewhere (a gateway, a server of one's own, another
vendor that speaks the same shape) path and body must show the shape, and who answers is another question: see `who`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from hexr_autoinst.dissect.claim import Claim
from hexr_autoinst.dissect.dialogue import Dialogue
from hexr_autoinst.dissect.lenient import text
from hexr_autoinst.dissect.question import WEBSOCKET, Question
from hexr_autoinst.dissect.reading import Dialect, ModelReading, begin
from hexr_autoinst.dissect.who import Tells, who
from hexr_autoinst.model.operation import Extra

LOOKED_AT: Final = 1024  # characters of a path that are looked at, from its end


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A method and a path where a dialect is spoken.

    `path` is matched whole; its group `model` names the model, its group `stream` asks for a stream by being there.
    `by_body`: one of several shapes that are spoken on this path, taken where the body has it.
    """

    method: str
    path: re.Pattern[str]
    dialect: Dialect
    by_body: bool = False

    def match(self, question: Question) -> re.Match[str] | None:
        """How the request's path, and its body where that is needed, fits; None if it does not."""
        if question.method != self.method:
            return None
        found = self.path.fullmatch(question.path[-LOOKED_AT:])
        return found if found and (not self.by_body or self.dialect.shaped(question.body)) else None


def post(path: str, dialect: Dialect) -> Endpoint:
    """An endpoint that is posted to."""
    return Endpoint("POST", re.compile(path), dialect)


def get(path: str, dialect: Dialect) -> Endpoint:
    """An endpoint that is fetched from."""
    return Endpoint("GET", re.compile(path), dialect)


def websocket(path: str, dialect: Dialect) -> Endpoint:
    """An endpoint of a connection that carries many calls."""
    return Endpoint(WEBSOCKET, re.compile(path), dialect)


def one_of(*endpoints: Endpoint) -> tuple[Endpoint, ...]:
    """Endpoints on the same path: each is taken where the body has its shape. What stands behind them is for any other body."""
    return tuple(replace(e, by_body=True) for e in endpoints)


def anywhere(*endpoints: Endpoint, unless: str = "") -> tuple[Endpoint, ...]:
    """The same endpoints under any prefix: how they are met on a host of somebody else. `unless`: a path that is another's."""
    no = f"(?!.*{unless})" if unless else ""
    return tuple(Endpoint(e.method, re.compile(f"{no}.*?(?:{e.path.pattern})"), e.dialect) for e in endpoints)


@dataclass(frozen=True, slots=True)
class Vendor:
    """A vendor.

    `name`: short, names the file, the counters and the fixture folder. `provider`: the convention's name, or a
    custom one where it has none; "" for a gateway, that answers in the name of others. `hosts`: exact names, or
    ".domain" for everything below it, or "~pattern" for a regular expression. `endpoints`: what is spoken on
    them. `elsewhere`: the shapes that this vendor has brought into the world, wherever else they are met.
    `loose`: those of them that are known by the body alone, whatever the path, on a host that nobody owns. `tells`: who an answer says it is
    from, and `kept` the places where it does (see `dissect.veil`). `aliases`: what gateways call this vendor. `extras`: what is true of every
    call on its hosts.
    """

    name: str
    provider: str
    hosts: tuple[str, ...] = ()
    endpoints: tuple[Endpoint, ...] = ()
    elsewhere: tuple[Endpoint, ...] = ()
    loose: tuple[Dialect, ...] = ()
    tells: Tells | None = None
    kept: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    extras: tuple[tuple[str, Extra], ...] = ()

    def claim(self, question: Question) -> Claim:
        """Certain on a host of its own; elsewhere path and body together must show the shape."""
        return next((claim for claim, _, _ in self._found(question)), Claim.NO)

    def open(self, question: Question, *, content: bool) -> ModelReading | Dialogue:
        """Begin to read in the shape that the path names."""
        for claim, dialect, match in self._found(question):
            extras = self.extras if claim is Claim.HOST else ()
            if dialect.script is not None:
                return Dialogue(question, dialect, self.name, extras, content=content)
            answers, path = who(question, self.name), match.groupdict() if match else {}
            reading = begin(dialect, question.body, answers=answers, path=path, content=content)
            reading.answer.extras.update(extras)
            return reading
        raise ValueError("an exchange that was not claimed")

    def _found(self, question: Question) -> Iterator[tuple[Claim, Dialect, re.Match[str] | None]]:
        """Every way to read it, the surest first."""
        if question.owner == self.name:
            for endpoint in self.endpoints:
                if (match := endpoint.match(question)) is not None:
                    yield Claim.HOST, endpoint.dialect, match
        for endpoint in self.elsewhere:
            match = endpoint.match(question)
            if match is not None and endpoint.dialect.shaped(question.body):
                yield Claim.PATH, endpoint.dialect, match
        if self.loose and question.owner is None and question.method == "POST":
            yield from (
                (Claim.SHAPE, d, None) for d in self.loose if _named(question) and d.shaped(question.body)
            )


def _named(question: Question) -> bool:
    return isinstance(question.body, dict) and text(question.body.get("model")) is not None
