"""A cloud's call that shows a credential its process already has: the lookup that its SDK made in memory, deduced and marked so.

Only the kind of a credential is known here, never which: its name dies in `wire/redact`. The first use of one that was just given, and the first
that is seen at all, are no hits. Nobody sees a lookup that found nothing.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from hexr_autoinst.correlate.identity import span_id
from hexr_autoinst.model.facts import Key
from hexr_autoinst.model.operation import Effect, Operation
from hexr_autoinst.model.story import Place, Placed

_TIER: Final = "L1"
_MARK: Final = ("cache.tier", _TIER)


class Reuse:
    """Of each process the kinds of credential that it was seen with, and whether it has used what it was given last."""

    def __init__(self) -> None:
        """None yet."""
        self._fresh: dict[Key, dict[str, bool]] = {}

    def mark(self, key: Key | None, operation: Operation) -> Operation:
        """The operation, of which it is said if it has reused a credential."""
        if key is None or not isinstance(operation, Effect) or not operation.uses:
            return operation
        mine = self._fresh.setdefault(key, {})
        if operation.kind == "credential":
            mine[operation.uses] = True
            return operation
        seen = mine.get(operation.uses)
        mine[operation.uses] = False
        return replace(operation, facts=(*operation.facts, _MARK)) if seen is False else operation

    def forget(self, keys: list[Key]) -> None:
        """Processes long gone."""
        for key in keys:
            self._fresh.pop(key, None)


def lookup(told: Placed) -> Iterator[Placed]:
    """The lookup that came before a call that has reused a credential: a moment within it, and no exchange."""
    call = told.operation
    if not isinstance(call, Effect) or _MARK not in call.facts:
        return
    began = told.exchange.began
    request = replace(told.exchange.request, at=began, ended=began)
    exchange = replace(
        told.exchange,
        request=request,
        response=None,
        missing=(),
        facts=0,
        part=f"{told.exchange.part}{_TIER}",
    )
    found = Effect(
        "cache", "lookup", call.uses, facts=(("tier", _TIER), ("hit", True)), client_hint=call.client_hint, inferred=True
    )  # fmt: skip
    place = Place(told.place.trace_id, span_id(exchange), told.place.span_id)
    yield Placed(told.agent, place, exchange, found, seen_by=told.seen_by)
