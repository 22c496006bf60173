"""A span as a row of the store: text that SQLite can hold, times as they are, the rest as JSON. No database here."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

from opentelemetry.sdk.trace import ReadableSpan

from hexr_autoinst.export.reading import SpanRow
from hexr_autoinst.export.store_schema import SPAN_COLUMNS
from hexr_autoinst.semconv.columns import Columns, columns, is_tool_call, title

_MEANT: Final = {f.name for f in fields(SpanRow)} & set(Columns._fields)


@dataclass(frozen=True, slots=True)
class Record:
    """A row to be written: as it will be read (its `seq` still 0), and what the tables hold as JSON."""

    row: SpanRow
    attributes: str
    resource: str
    more: str

    def values(self, resource: int) -> tuple[Any, ...]:
        """In the order of SPAN_COLUMNS. `resource` is a row number of `resources`."""
        own = {"attributes": self.attributes, "resource": resource, "more": self.more}
        return tuple(own[name] if name in own else getattr(self.row, name) for name in SPAN_COLUMNS)

    def totals(self) -> dict[str, Any]:
        """What this row adds to its trace's and its agent's row. An invocation repeats its calls: it adds none."""
        row, found = self.row, columns({}, self.row.resource)
        invocation = row.boundary is not None
        return {
            **{
                k: getattr(row, k)
                for k in ("trace_id", "agent", "tenant", "start_ns", "end_ns", "name", "error_type")
            },
            "framework": clean(found.framework),
            "instance": clean(found.instance),
            "model": (row.model or "").replace(",", " ")[:200] if row.provider else "",
            "root": int(row.parent_id is None),
            "call": int(row.provider is not None),
            "tool": int(is_tool_call(row.kind, row.tool, row.attributes)),
            "input": max(0, row.input_tokens or 0),
            "output": max(0, row.output_tokens or 0),
            "first_chunk_s": row.first_chunk_s,
            "error": int(row.status == "ERROR" and not invocation),
            "failed": int(row.status == "ERROR" and invocation),
            "incomplete": int(not row.complete and not invocation),
        }


def record(span: ReadableSpan) -> Record:
    """The span as the store keeps it."""
    attributes, resource, more = dict(span.attributes or {}), dict(span.resource.attributes), _more(span)
    meant = columns(attributes, resource)._asdict()
    context, begun = span.get_span_context(), span.start_time or 0
    values = {
        "trace_id": f"{context.trace_id if context else 0:032x}",
        "span_id": f"{context.span_id if context else 0:016x}",
        "parent_id": f"{span.parent.span_id:016x}" if span.parent else None,
        "name": span.name,
        "kind": span.kind.name,
        "start_ns": begun,
        "end_ns": max(begun, span.end_time or 0),
        "status": span.status.status_code.name,
        "status_text": span.status.description or "",
        **{name: meant[name] for name in _MEANT},
    }
    plain: dict[str, Any] = {k: clean(v) if isinstance(v, str) else v for k, v in values.items()}
    row = SpanRow(
        seq=0, **plain, title=title(span.name, attributes), attributes=attributes, resource=resource, **more
    )
    kept = {k: v for k, v in more.items() if v}
    return Record(row, _json(attributes), _json(resource), _json(kept))


def clean(text: str) -> str:
    """A lone surrogate (JSON may escape one) cannot be UTF-8, and SQLite's functions stop at a NUL."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "\ufffd")


def _more(span: ReadableSpan) -> dict[str, Any]:
    told_by = span.instrumentation_scope
    return {
        "links": [
            {
                "trace_id": f"{link.context.trace_id:032x}",
                "span_id": f"{link.context.span_id:016x}",
                "attributes": dict(link.attributes or {}),
            }
            for link in span.links
        ],
        "events": [
            {"name": e.name, "at": e.timestamp, "attributes": dict(e.attributes or {})} for e in span.events
        ],
        "scope": [told_by.name, told_by.version or "", told_by.schema_url or ""] if told_by else [],
        "schema": span.resource.schema_url,
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
