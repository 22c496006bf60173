"""A vendor as data: its hosts, its paths and the shapes spoken there. One engine claims and opens for all of them.

On a host of its own a vendor is sure by the path alone. Elsewhere (a gateway, a server of one's own, another
vendor that speaks the same shape) path and body must show the shape, and who answers is another question: see `who`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from hexr_autoinst.dissect.claim import Claim
from hexr_autoinst.dissect.lenient import text
from hexr_autoinst.dissect.question import Question
from hexr_autoinst.dissect.reading import Dialect, ModelReading, begin
from hexr_autoinst.dissect.who import Tells, who

_PATH: Final = 1024  # characters of a path that are looked at, from its end
_MODEL: Final = "model"  # the group of an endpoint's pattern that names the model


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A method and a path where a dialect is spoken. `path` is matched whole; its group `model` names the model."""

    method: str
    path: re.Pattern[str]
    dialect: Dialect

    def match(self, question: Question) -> re.Match[str] | None:
        """How the request's path fits, if it does."""
        if question.exchange.request.method != self.method:
            return None
        return self.path.fullmatch(question.path[-_PATH:])


def post(path: str, dialect: Dialect) -> Endpoint:
    """An endpoint that is posted to."""
    return Endpoint("POST", re.compile(path), dialect)


def get(path: str, dialect: Dialect) -> Endpoint:
    """An endpoint that is fetched from."""
    return Endpoint("GET", re.compile(path), dialect)


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
    from. `aliases`: what gateways call this vendor.
    """

    name: str
    provider: str
    hosts: tuple[str, ...] = ()
    endpoints: tuple[Endpoint, ...] = ()
    elsewhere: tuple[Endpoint, ...] = ()
    loose: tuple[Dialect, ...] = ()
    tells: Tells | None = None
    aliases: tuple[str, ...] = ()

    def claim(self, question: Question) -> Claim:
        """Certain on a host of its own; elsewhere path and body together must show the shape."""
        return next((claim for claim, _, _ in self._found(question)), Claim.NO)

    def open(self, question: Question, *, content: bool) -> ModelReading:
        """Begin to read in the shape that the path names."""
        for _, dialect, model in self._found(question):
            answers = who(question, self.name)
            return begin(dialect, question.body, answers=answers, model=model, content=content)
        raise ValueError("an exchange that was not claimed")

    def _found(self, question: Question) -> Iterator[tuple[Claim, Dialect, str | None]]:
        """Every way to read it, the surest first."""
        if question.owner == self.name:
            for endpoint in self.endpoints:
                if (match := endpoint.match(question)) is not None:
                    yield Claim.HOST, endpoint.dialect, _model(match)
        for endpoint in self.elsewhere:
            match = endpoint.match(question)
            if match is not None and endpoint.dialect.shaped(question.body):
                yield Claim.PATH, endpoint.dialect, _model(match)
        if self.loose and question.owner is None and question.exchange.request.method == "POST":
            yield from (
                (Claim.SHAPE, d, None) for d in self.loose if _named(question) and d.shaped(question.body)
            )


def _named(question: Question) -> bool:
    return isinstance(question.body, dict) and text(question.body.get("model")) is not None


def _model(match: re.Match[str]) -> str | None:
    return text(unquote(match.groupdict().get(_MODEL) or ""))
