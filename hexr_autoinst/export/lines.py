"""OTLP/JSON lines read back: every line of a file as the export request that it holds, every span as a store's row."""

import base64
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from hexr_autoinst.errors import NoExport
from hexr_autoinst.export.reading import SpanRow
from hexr_autoinst.semconv.columns import columns, title

_KINDS: Final = ("INTERNAL", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER")
_STATUS: Final = ("UNSET", "OK", "ERROR")
_LONGEST: Final = 64 << 20


def requests(path: Path) -> Iterator[dict[str, Any]]:
    """The export requests of a file. NoExport says which line is none."""
    number = 0
    try:
        with path.open(encoding="utf-8") as file:
            while text := file.readline(_LONGEST):
                number += 1
                if text.strip():
                    found = json.loads(text)
                    if not isinstance(found, dict) or "resourceSpans" not in found:
                        raise NoExport(path=path, detail=f"line {number} is no OTLP/JSON export of spans")
                    yield found
    except (OSError, UnicodeDecodeError) as error:
        raise NoExport(path=path, detail=getattr(error, "strerror", "") or str(error)) from None
    except (ValueError, RecursionError) as error:
        raise NoExport(path=path, detail=f"line {number}: {error}") from None


def rows(request: dict[str, Any]) -> Iterator[SpanRow]:
    """The spans of an export request. NoExport: one of them is none."""
    try:
        for group in request["resourceSpans"]:
            resource = _values(group.get("resource", {}).get("attributes"))
            for scope in group.get("scopeSpans", ()):
                for span in scope.get("spans", ()):
                    yield _row(span, resource)
    except (AttributeError, KeyError, TypeError, IndexError, ValueError) as error:
        raise NoExport(path="A line", detail=f"a span without what every span has ({error!r})") from None


def _row(span: dict[str, Any], resource: dict[str, Any]) -> SpanRow:
    attributes = _values(span.get("attributes"))
    found = columns(attributes, resource)
    status = span.get("status") or {}
    begun = int(span["startTimeUnixNano"])
    return SpanRow(
        seq=0,
        trace_id=str(span["traceId"]),
        span_id=str(span["spanId"]),
        parent_id=str(span.get("parentSpanId") or "") or None,
        name=str(span.get("name", "")),
        kind=_named(span.get("kind", 0), _KINDS, "SPAN_KIND_"),
        agent=found.agent,
        tenant=found.tenant,
        start_ns=begun,
        end_ns=max(begun, int(span.get("endTimeUnixNano", 0))),
        status=_named(status.get("code", 0), _STATUS, "STATUS_CODE_"),
        status_text=str(status.get("message", "")),
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
        attributes=attributes,
        resource=resource,
        links=[],
        events=[],
        scope=[],
        schema="",
        peer=found.peer,
        title=title(str(span.get("name", "")), attributes),
    )


def _named(value: Any, words: tuple[str, ...], prefix: str) -> str:
    """An enum as OTLP/JSON has it, by number or by name."""
    return str(value).removeprefix(prefix) if isinstance(value, str) else words[value]


def _values(pairs: Any) -> dict[str, Any]:
    return {str(p["key"]): _value(p.get("value") or {}) for p in pairs or ()}


def _value(value: Mapping[str, Any]) -> Any:
    kind: str
    said: Any
    kind, said = next(iter(value.items()), ("", ""))
    match kind:
        case "intValue":
            return int(said)
        case "doubleValue":
            return float(said)
        case "arrayValue":
            return [_value(v) for v in said.get("values", ())]
        case "kvlistValue":
            return _values(said.get("values"))
        case "bytesValue":
            return base64.b64decode(said)
        case _:
            return said
