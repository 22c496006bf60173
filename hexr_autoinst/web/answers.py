"""What the page may ask, as plain JSON values made from a `reading.Store`. No HTTP, no SQL here.

Times leave as milliseconds since the epoch or as microseconds since a trace began: nanoseconds
since the epoch do not fit a browser's number.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from hexr_autoinst.errors import HexrError, NoStore
from hexr_autoinst.export.reading import AgentRow, Query, SpanRow, Store, TraceRow
from hexr_autoinst.semconv.columns import FAMILIES, cost, did, family

MS: Final = 1_000_000
# The teller speaks each second; after this it is taken as gone.
SILENCE_NS: Final = 5_000_000_000
SPANS_SHOWN: Final = 2_000
_MOST: Final = 200
_STATUS_LONGEST: Final = 1 << 20


def query(asked: Mapping[str, str], now: int) -> Query:
    """The filters of an address; ValueError where one is none."""
    since = float(asked.get("since") or 0)  # seconds ago
    if not 0 <= since < 1e10:
        raise ValueError("since")
    return Query(
        since_ns=now - int(since * 1e9) if since else 0,
        agent=asked.get("agent", "")[:200],
        model=asked.get("model", "")[:200],
        errors=asked.get("errors", "") == "1",
        text=asked.get("q", "")[:200],
        limit=min(max(int(asked.get("limit") or 50), 1), _MOST),
        offset=min(max(int(asked.get("offset") or 0), 0), 1_000_000),
    )


def overview(store: Store, wanted: Query, now: int, where: str = "") -> dict[str, Any]:
    """Agents and one page of traces; `where` names the store. A store that is not there, or cannot be read, is a state and no failure."""
    shown: dict[str, Any] = {
        "now": now / MS,
        "store": {"state": "ok", "path": where},
        "agents": [],
        "traces": [],
        "alive": False,
    }
    try:
        health = store.health()
        # One more than is shown says whether there are more.
        traces = store.traces(wanted._replace(limit=wanted.limit + 1))
        shown |= {
            "alive": _alive(health, now),
            "seq": store.newest(),
            "agents": [_agent(a) for a in store.agents()],
            "traces": [_trace(t) for t in traces[: wanted.limit]],
            "more": len(traces) > wanted.limit,
        }
    except NoStore as error:
        shown["store"] = {"state": "absent", "path": where, "message": error.message}
    except HexrError as error:
        shown["store"] = {"state": "error", "path": where, "message": error.message}
    return shown


def trace(store: Store, trace_id: str) -> dict[str, Any] | None:
    """One trace for a waterfall; None when there is none."""
    spans = store.trace(trace_id, SPANS_SHOWN + 1)
    if not spans:
        return None
    shown = spans[:SPANS_SHOWN]
    began, ended = min(s.start_ns for s in shown), max(s.end_ns for s in shown)
    return {
        "trace_id": trace_id,
        "began": began / MS,
        "duration_us": (ended - began) / 1_000,
        "spans": [_bar(s, began) for s in shown],
        "cut": len(spans) > SPANS_SHOWN,
    }


def span(store: Store, trace_id: str, span_id: str) -> dict[str, Any] | None:
    """Everything that one span says; None when there is none."""
    found = store.span(trace_id, span_id)
    if found is None:
        return None
    return {
        **_bar(found, found.start_ns),
        "began": found.start_ns / MS,
        "kind": found.kind,
        "attributes": _grouped(found.attributes),
        "resource": _texts(found.resource),
        "links": [{"trace_id": x.get("trace_id", ""), "span_id": x.get("span_id", "")} for x in found.links],
        "events": [
            {
                "name": e.get("name", ""),
                "at_us": ((e.get("at") or found.start_ns) - found.start_ns) / 1_000,
                "attributes": _texts(e.get("attributes", {})),
            }
            for e in found.events
        ],
    }


def seen(store: Store, run_dir: Path, now: int) -> dict[str, Any]:
    """What was seen and what was missed: the daemon's own words, and the status files of the others."""
    told: dict[str, Any] = {}
    state: dict[str, Any] = {"state": "ok"}
    try:
        told = store.health()
    except HexrError as error:
        state = {"state": "absent" if isinstance(error, NoStore) else "error", "message": error.message}
    at = told.pop("at", 0)
    camera = status(run_dir / "camera.json") or told.pop("camera", None)
    told.pop("camera", None)
    return {
        "now": now / MS,
        "at": at / MS,
        "alive": _alive({"at": at}, now),
        "store": state,
        "teller": told,
        "camera": camera,
        "front": status(run_dir / "front.json"),
    }


def status(path: Path) -> dict[str, Any] | None:
    """A status file of another process; None when it has not spoken."""
    try:
        with path.open("rb") as file:
            found = json.loads(file.read(_STATUS_LONGEST))
    except (OSError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _alive(health: Mapping[str, Any], now: int) -> bool:
    return bool(now - int(health.get("at") or 0) < SILENCE_NS)


def _agent(row: AgentRow) -> dict[str, Any]:
    return {
        "agent": row.agent,
        "tenant": row.tenant,
        "framework": row.framework,
        "instance": row.instance,
        "first": row.first_ns / MS,
        "last": row.last_ns / MS,
        "calls": row.calls,
        "errors": row.errors,
        "input": row.input_tokens,
        "output": row.output_tokens,
    }


def _trace(row: TraceRow) -> dict[str, Any]:
    return {
        "id": row.trace_id,
        "began": row.began / MS,
        "ended": row.ended / MS,
        "agent": row.agent,
        "tenant": row.tenant,
        "models": row.models,
        "name": row.name,
        "open": not row.rooted,
        "spans": row.spans,
        "calls": row.calls,
        "input": row.input_tokens,
        "output": row.output_tokens,
        "first_ms": None if row.first_chunk_s is None else row.first_chunk_s * 1_000,
        "duration_ms": (row.ended - row.began) / MS,
        "errors": row.errors,
        "failed": row.failed,
        "error_type": row.error_type,
        "incomplete": row.incomplete,
    }


def _bar(row: SpanRow, began: int) -> dict[str, Any]:
    calls, tools = did(row.attributes)
    return {
        "id": row.span_id,
        "parent": row.parent_id,
        "name": row.name,
        "agent": row.agent,
        "kind_of": "agent" if row.boundary else "model" if row.provider else "tool" if row.tool else "other",
        "start_us": (row.start_ns - began) / 1_000,
        "duration_us": (row.end_ns - row.start_ns) / 1_000,
        "first_us": None if row.first_chunk_s is None else row.first_chunk_s * 1e6,
        "model": row.model or row.title or row.tool,
        "input": row.input_tokens,
        "output": row.output_tokens,
        "finish": row.finish,
        "cost": cost(row.attributes),
        "calls": calls,
        "tools": tools,
        "failed": row.status == "ERROR",
        "error_type": row.error_type,
        "status_text": row.status_text,
        "complete": row.complete,
        "source": row.source,
    }


def _grouped(attributes: Mapping[str, Any]) -> list[dict[str, Any]]:
    groups: dict[str, list[list[str]]] = {title: [] for title in FAMILIES}
    for pair in _texts(attributes):
        groups[family(pair[0])].append(pair)
    return [{"title": title, "pairs": pairs} for title, pairs in groups.items() if pairs]


def _texts(values: Mapping[str, Any]) -> list[list[str]]:
    """Pairs in the order of their names. As text, so that a 64-bit number stays what it is."""
    return [
        [str(k), v if isinstance(v, str) else json.dumps(v, ensure_ascii=False)]
        for k, v in sorted(values.items())
    ]
