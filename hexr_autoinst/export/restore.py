"""A stored row as a span again, for writing it out as OTLP. What the store does not keep (the SDK's limits) is not made up."""

from typing import Any

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode, TraceFlags

from hexr_autoinst.export.reading import SpanRow


def restored(row: SpanRow) -> ReadableSpan:
    """The span as it was told: same ids, times, attributes and resource."""
    status = StatusCode[row.status]
    return ReadableSpan(
        name=row.name,
        context=_context(row.trace_id, row.span_id),
        parent=_context(row.trace_id, row.parent_id) if row.parent_id else None,
        resource=Resource(_attributes(row.resource), row.schema),
        attributes=_attributes(row.attributes),
        events=[
            Event(str(e["name"]), _attributes(e.get("attributes", {})), int(e["at"])) for e in row.events
        ],
        links=[
            Link(_context(x["trace_id"], x["span_id"]), _attributes(x.get("attributes", {})))
            for x in row.links
        ],
        kind=SpanKind[row.kind],
        status=Status(status, row.status_text if status is StatusCode.ERROR and row.status_text else None),
        start_time=row.start_ns,
        end_time=row.end_ns,
        instrumentation_scope=_scope(row.scope),
    )


def _scope(kept: list[str]) -> InstrumentationScope | None:
    return InstrumentationScope(kept[0], kept[1] or None, kept[2] or None) if kept else None


def _context(trace_id: str, span_id: str) -> SpanContext:
    return SpanContext(
        int(trace_id, 16), int(span_id, 16), is_remote=False, trace_flags=TraceFlags(TraceFlags.SAMPLED)
    )


def _attributes(values: dict[str, Any]) -> dict[str, Any]:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
