"""A span as a row of the store: text that SQLite can hold, times as they are, the rest as JSON. No database here."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from opentelemetry.sdk.trace import ReadableSpan

from hexr_autoinst.semconv.columns import columns


class SpanRecord(NamedTuple):
    """One row of `spans`, in the order of its insert. `resource` is a row number of `resources`."""

    trace_id: str
    span_id: str
    parent_id: str | None
    name: str
    kind: str
    agent: str
    tenant: str
    start_ns: int
    end_ns: int
    status: str
    status_text: str
    operation: str | None
    model: str | None
    provider: str | None
    tool: str | None
    input_tokens: int | None
    output_tokens: int | None
    first_chunk_s: float | None
    finish: str | None
    error_type: str | None
    boundary: str | None
    source: str | None
    complete: bool
    attributes: str
    resource: int
    more: str

    def totals(self, owner: Mapping[str, Any]) -> dict[str, Any]:
        """What this row adds to its trace's and its agent's row. An invocation repeats its calls: it adds none."""
        found = columns({}, owner)
        invocation = self.boundary is not None
        return {
            **{
                k: getattr(self, k)
                for k in ("trace_id", "agent", "tenant", "start_ns", "end_ns", "name", "error_type")
            },
            "framework": clean(found.framework),
            "instance": clean(found.instance),
            "model": (self.model or "").replace(",", " ")[:200] if self.provider else "",
            "root": int(self.parent_id is None),
            "call": int(self.provider is not None),
            "tool": int(self.tool is not None and self.kind != "SERVER"),  # its other end is told too
            "input": max(0, self.input_tokens or 0),
            "output": max(0, self.output_tokens or 0),
            "first_chunk_s": self.first_chunk_s,
            "error": int(self.status == "ERROR" and not invocation),
            "failed": int(self.status == "ERROR" and invocation),
            "incomplete": int(not self.complete and not invocation),
        }


def record(span: ReadableSpan) -> tuple[SpanRecord, str]:
    """The row (its resource number still 0) and the resource as JSON."""
    attributes, resource = dict(span.attributes or {}), dict(span.resource.attributes)
    found = columns(attributes, resource)
    context = span.get_span_context()
    begun = span.start_time or 0
    row = SpanRecord(
        trace_id=f"{context.trace_id if context else 0:032x}",
        span_id=f"{context.span_id if context else 0:016x}",
        parent_id=f"{span.parent.span_id:016x}" if span.parent else None,
        name=span.name,
        kind=span.kind.name,
        agent=found.agent,
        tenant=found.tenant,
        start_ns=begun,
        end_ns=max(begun, span.end_time or 0),
        status=span.status.status_code.name,
        status_text=span.status.description or "",
        operation=found.operation,
        model=found.model,
        provider=found.provider,
        tool=found.tool,
        input_tokens=found.input_tokens,
        output_tokens=found.output_tokens,
        first_chunk_s=found.first_chunk_s,
        finish=found.finish,
        error_type=found.error_type,
        boundary=found.boundary,
        source=found.source,
        complete=found.complete,
        attributes=_json(attributes),
        resource=0,
        more=_json(_more(span)),
    )
    return SpanRecord._make(clean(v) if isinstance(v, str) else v for v in row), _json(resource)


def clean(text: str) -> str:
    """A lone surrogate (JSON may escape one) cannot be UTF-8, and SQLite's functions stop at a NUL."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "\ufffd")


def _more(span: ReadableSpan) -> dict[str, Any]:
    links = [
        {
            "trace_id": f"{link.context.trace_id:032x}",
            "span_id": f"{link.context.span_id:016x}",
            "attributes": dict(link.attributes or {}),
        }
        for link in span.links
    ]
    events = [
        {"name": e.name, "at": e.timestamp, "attributes": dict(e.attributes or {})} for e in span.events
    ]
    told_by = span.instrumentation_scope
    scope = [told_by.name, told_by.version or "", told_by.schema_url or ""] if told_by else []
    return {
        k: v
        for k, v in (
            ("links", links),
            ("events", events),
            ("scope", scope),
            ("schema", span.resource.schema_url),
        )
        if v
    }


def _json(value: Any) -> str:
    # ASCII: a lone surrogate stays an escape. allow_nan would write what no browser reads.
    return json.dumps(_finite(value), separators=(",", ":"), default=str, allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):  # noqa: PLR0124 - NaN
        return str(value)
    if isinstance(value, Mapping):
        return {str(k): _finite(v) for k, v in value.items()}
    return [_finite(v) for v in value] if isinstance(value, list | tuple) else value
