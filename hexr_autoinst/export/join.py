"""Traces of two hosts made one: the receiver's trace goes under the span that has sent, where both carry the same join key.

Works on OTLP/JSON, one export request a line, and looks twice: first for keys, then it rewrites. Memory is a row for each key.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from hexr_autoinst.semconv.names import JOIN_KEY

_CLIENTS = (3, "SPAN_KIND_CLIENT")


@dataclass(frozen=True, slots=True)
class End:
    """One end of a call, as an export has it."""

    began: int
    trace: str
    span: str
    parent: str


@dataclass(slots=True)
class Joins:
    """The ends that were found. Of several with one key the first counts: the others are attempts."""

    senders: dict[str, End] = field(default_factory=dict)
    receivers: dict[str, End] = field(default_factory=dict)

    def look(self, line: dict[str, Any]) -> None:
        """Note the ends of one export request."""
        for span in spans(line):
            key = _key(span)
            if not key:
                continue
            ends = self.senders if span.get("kind") in _CLIENTS else self.receivers
            end = End(
                _whole(span.get("startTimeUnixNano")),
                str(span.get("traceId", "")),
                str(span.get("spanId", "")),
                str(span.get("parentSpanId") or ""),
            )
            if key not in ends or end.began < ends[key].began:
                ends[key] = end

    def plan(self) -> "Plan":
        """What is to be rewritten. A receiver that has a parent is joined already."""
        plan = Plan()
        for key, receiver in sorted(self.receivers.items()):
            sender = self.senders.get(key)
            if (
                sender is None
                or receiver.parent
                or plan.trace_of(sender.trace) == receiver.trace != sender.trace
            ):
                continue  # the last: two hosts' exports that claim each other would make a ring
            plan.parents[receiver.trace, receiver.span] = sender.span
            if sender.trace != receiver.trace:
                plan.traces[receiver.trace] = sender.trace
        return plan


@dataclass(slots=True)
class Plan:
    """`traces`: the receiver's trace → the sender's. `parents`: the receiver's span → the sender's."""

    traces: dict[str, str] = field(default_factory=dict)
    parents: dict[tuple[str, str], str] = field(default_factory=dict)

    def trace_of(self, trace: str) -> str:
        """The trace that this one is a part of, through any number of calls."""
        seen = {trace}
        while (above := self.traces.get(trace)) is not None and above not in seen:
            seen.add(above)
            trace = above
        return trace

    def rewrite(self, line: dict[str, Any]) -> dict[str, Any]:
        """The same export request, joined. It is changed in place."""
        for span in spans(line):
            trace = str(span.get("traceId", ""))
            if parent := self.parents.get((trace, str(span.get("spanId", "")))):
                span["parentSpanId"] = parent
            for one in (span, *_dicts(span.get("links"))):
                if "traceId" in one:
                    one["traceId"] = self.trace_of(str(one["traceId"]))
        return line


def spans(line: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every span of an export request."""
    for resource in _dicts(line.get("resourceSpans")):
        for scope in _dicts(resource.get("scopeSpans")):
            yield from _dicts(scope.get("spans"))


def _key(span: dict[str, Any]) -> str:
    for pair in _dicts(span.get("attributes")):
        if pair.get("key") == JOIN_KEY and isinstance(pair.get("value"), dict):
            return str(pair["value"].get("stringValue", ""))
    return ""


def _dicts(value: Any) -> Iterable[dict[str, Any]]:
    return (x for x in value if isinstance(x, dict)) if isinstance(value, list) else ()


def _whole(value: Any) -> int:
    """An int64, which OTLP/JSON writes as text."""
    text = str(value)
    return int(text) if text.isdecimal() and len(text) < 20 else 0
