"""A guard's API as data: where it is asked, what is scanned, what it found. One engine reads them all.

A verdict is told only where the guard gives one: severities and scores alone leave it open.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

from hexr_autoinst.dissect.ask import client_hint
from hexr_autoinst.dissect.claim import Claim
from hexr_autoinst.dissect.effects.reading import EffectReading, body, named, told
from hexr_autoinst.dissect.failure import KEPT as ERRORS
from hexr_autoinst.dissect.failure import of_exchange
from hexr_autoinst.dissect.lenient import mapping, parse_cut, text
from hexr_autoinst.dissect.question import Question
from hexr_autoinst.model.exchange import Exchange
from hexr_autoinst.model.operation import Effect

PROMPT: Final = "prompt"
OUTPUT: Final = "output"
LOOKED_AT: Final = 1024  # characters of a path, from its end
_MOST: Final = 64  # scanners of one scan
_NAME: Final = 64


@dataclass(frozen=True, slots=True)
class Finding:
    """What one scanner says. `hit`: that it found something; None: it does not say. `score` in the guard's own measure."""

    scanner: str
    score: float | None = None
    hit: bool | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the guard says. `valid` None: it judges nothing."""

    valid: bool | None = None
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Way:
    """One thing that may be asked. `asks`: which direction is scanned, if the request says so; `says`: what the answer means.

    `shaped`: whether a request's body is one of these. `own`: too plain a path to be known on hosts of others.
    """

    path: re.Pattern[str]
    shaped: Callable[[dict[str, Any]], bool]
    asks: Callable[[dict[str, Any], re.Match[str]], str | None]
    says: Callable[[dict[str, Any]], Verdict]
    own: bool = False


@dataclass(frozen=True, slots=True)
class Guard:
    """A guard. `hosts`: its own, if it has any. `kept`: see `dissect.veil`."""

    name: str
    ways: tuple[Way, ...]
    hosts: re.Pattern[str] | None = None
    kept: tuple[str, ...] = ()

    def claim(self, question: Question) -> Claim:
        """Sure on a host of its own; elsewhere path and body together must show it."""
        found = self._way(question)
        if found is None:
            return Claim.NO
        return Claim.HOST if self._at_home(question) else Claim.PATH

    def open(self, question: Question, *, content: bool) -> EffectReading:  # noqa: ARG002 - no text is told
        """Begin to read."""
        found = self._way(question)
        if found is None:
            raise ValueError("an exchange that was not claimed")
        way, match = found
        said = question.body if isinstance(question.body, dict) else {}
        asked = Effect(
            "guard",
            "scan",
            self.name,
            facts=told(guard__what=way.asks(said, match)),
            client_hint=client_hint(question.exchange.request.headers),
        )
        return EffectReading(asked, lambda effect, exchange: _ended(effect, exchange, way), self._kept())

    def _kept(self) -> tuple[str, ...]:
        return ("/", *ERRORS, *self.kept)

    def _at_home(self, question: Question) -> bool:
        host = question.exchange.request.host.lower().rstrip(".")
        return self.hosts is not None and self.hosts.fullmatch(host) is not None

    def _way(self, question: Question) -> tuple[Way, re.Match[str]] | None:
        if question.exchange.request.method != "POST":
            return None
        path, home = question.path[-LOOKED_AT:], None
        for way in self.ways:
            match = way.path.fullmatch(path)
            if match is None:
                continue
            home = self._at_home(question) if home is None else home
            if home or (not way.own and isinstance(question.body, dict) and way.shaped(question.body)):
                return way, match
        return None


def scan(service: str, verdict: Verdict, what: str | None = None) -> Effect:
    """A scan by its verdict."""
    return _judged(Effect("guard", "scan", service, facts=told(guard__what=what)), verdict)


def listed(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings, each scanner once, in the order of their names. What is met twice has its worst."""
    worst: dict[str, Finding] = {}
    for one in findings:
        before = worst.get(one.scanner)
        if before is None and len(worst) >= _MOST:
            break
        worst[one.scanner] = one if before is None else _worse(before, one)
    return tuple(worst[name] for name in sorted(worst))


def scanner(value: Any) -> str:
    """A scanner's name; empty if it is none."""
    return text(value, _NAME) or ""


def flags(value: Any) -> Iterable[Finding]:
    """Findings of an object of truths."""
    for name, hit in mapping(value).items():
        if isinstance(hit, bool) and (known := scanner(name)):
            yield Finding(known, hit=hit)


def invalid_if(hits: Iterable[bool]) -> bool | None:
    """Whether what was scanned is valid, by truths each of which would make it invalid; None where there is none."""
    found = tuple(hits)
    return not any(found) if found else None


def _worse(one: Finding, other: Finding) -> Finding:
    scores = [s for s in (one.score, other.score) if s is not None]
    hits = [h for h in (one.hit, other.hit) if h is not None]
    return Finding(one.scanner, max(scores) if scores else None, any(hits) if hits else None)


def _ended(effect: Effect, exchange: Exchange, way: Way) -> Effect:
    said = body(exchange)
    effect = _judged(effect, way.says(said)) if isinstance(said, dict) else effect
    answer = exchange.response
    failed = of_exchange(exchange, parse_cut(answer.body) if answer else None, content=False)
    bad = answer is None or answer.status >= 400
    return replace(effect, failure=named(failed.type if failed else None, exchange) if bad else None)


def _judged(effect: Effect, verdict: Verdict) -> Effect:
    findings = listed(verdict.findings)
    scores = tuple(f.score for f in findings if f.score is not None)
    facts = told(
        guard__valid=verdict.valid,
        guard__scanners=tuple(f.scanner for f in findings),
        guard__scores=scores if len(scores) == len(findings) else None,
        guard__hits=tuple(f.scanner for f in findings if f.hit) if verdict.valid is False else None,
    )
    return replace(effect, facts=(*effect.facts, *facts))
