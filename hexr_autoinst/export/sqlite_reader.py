"""The embedded store, read: SQL for the questions of `reading.Store`. Writes nothing, holds nothing open.

Every question opens the file anew: it costs a third of a millisecond, and a reader that kept a
snapshot would keep the writer from cutting its WAL.
"""

import contextlib
import fnmatch
import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

from hexr_autoinst.errors import NoStore, StoreBroken, StoreUnreadable
from hexr_autoinst.export import store_schema
from hexr_autoinst.export.reading import AgentRow, Query, SpanRow, TraceRow
from hexr_autoinst.semconv.columns import columns, title

_PLAIN: Final = (
    "seq",
    *(c for c in store_schema.SPAN_COLUMNS if c not in {"attributes", "resource", "more"}),
)
_SPANS: Final = (
    f"SELECT {', '.join(_PLAIN)}, attributes, json AS resource_json, more "  # noqa: S608 - own names
    "FROM spans LEFT JOIN resources ON resources.id = spans.resource"
)
_TRACES: Final = f"SELECT {', '.join(f.name for f in fields(TraceRow))} FROM traces"  # noqa: S608 - own names
_AGENTS: Final = f"SELECT {', '.join(f.name for f in fields(AgentRow))} FROM agents"  # noqa: S608 - own names
_TRIES: Final = 3


class SqliteStore:
    """`reading.Store` over the file that `store.StoreExporter` writes."""

    def __init__(self, path: Path) -> None:
        """Nothing is opened yet."""
        self.path = path

    def traces(self, query: Query) -> list[TraceRow]:
        """See `reading.Store`."""
        where, values = ["ended >= ?"], [query.since_ns]
        _glob(where, values, "agent", query.agent)
        _glob(where, values, "models", query.model)
        _text(where, values, query.text, ("agent", "tenant", "models", "name", "trace_id", "error_type"))
        if query.errors:
            where.append("(errors > 0 OR failed)")
        sql = f"{_TRACES} WHERE {' AND '.join(where)} ORDER BY ended DESC, trace_id LIMIT ? OFFSET ?"
        rows = self._rows(sql, (*values, query.limit, query.offset))
        return [
            TraceRow(**{**r, "rooted": bool(r["rooted"]), "failed": bool(r["failed"])})
            for r in map(dict, rows)
        ]

    def trace(self, trace_id: str, limit: int = 5_000) -> list[SpanRow]:
        """See `reading.Store`."""
        return self._spans("trace_id = ? ORDER BY start_ns, end_ns DESC, seq LIMIT ?", (trace_id, limit))

    def find(self, prefix: str) -> list[str]:
        """See `reading.Store`."""
        # A range instead of LIKE: it uses the key's index and knows no wildcards.
        sql = "SELECT trace_id FROM traces WHERE trace_id >= ? AND trace_id < ? ORDER BY trace_id LIMIT 10"
        return [str(r[0]) for r in self._rows(sql, (prefix.lower(), prefix.lower() + "g"))]

    def span(self, trace_id: str, span_id: str) -> SpanRow | None:
        """See `reading.Store`."""
        return next(iter(self._spans("trace_id = ? AND span_id = ?", (trace_id, span_id))), None)

    def agents(self, limit: int = 200) -> list[AgentRow]:
        """See `reading.Store`."""
        return [AgentRow(**dict(r)) for r in self._rows(f"{_AGENTS} ORDER BY last_ns DESC LIMIT ?", (limit,))]

    def newest(self) -> int:
        """See `reading.Store`."""
        return int(self._rows("SELECT coalesce(max(seq), 0) FROM spans", ())[0][0])

    def spans(self, after: int, query: Query) -> list[SpanRow]:
        """See `reading.Store`."""
        where, values = _operations(query)
        return self._spans(f"seq > ? AND {where} ORDER BY seq LIMIT ?", (after, *values, query.limit))

    def last(self, query: Query) -> list[SpanRow]:
        """See `reading.Store`."""
        where, values = _operations(query)
        return self._spans(f"{where} ORDER BY seq DESC LIMIT ?", (*values, query.limit))[::-1]

    def health(self) -> dict[str, Any]:
        """See `reading.Store`."""
        rows = self._rows("SELECT name, at, json FROM health", ())
        found = {str(r["name"]): _loaded(r["json"]) for r in rows}
        return {**found, "at": max(int(r["at"]) for r in rows)} if rows else {}

    def _spans(self, rest: str, values: Sequence[Any]) -> list[SpanRow]:
        return [_span(r) for r in self._rows(f"{_SPANS} WHERE {rest}", values)]

    def _rows(self, sql: str, values: Sequence[Any]) -> list[sqlite3.Row]:
        for last in (*[False] * (_TRIES - 1), True):
            walled = store_schema.has_wal(self.path)
            try:
                with self._open() as db:
                    rows = db.execute(sql, values).fetchall()
            except sqlite3.Error as error:
                # A writer that starts or ends meanwhile adds or takes the -wal: look again.
                if last:
                    raise StoreBroken(path=self.path, detail=error) from None
                continue
            if walled or not store_schema.has_wal(self.path) or last:
                return rows
        raise AssertionError("unreachable")

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            db = store_schema.reader(self.path)
        except FileNotFoundError:
            raise NoStore(path=self.path) from None
        except PermissionError:
            raise StoreUnreadable(path=self.path) from None
        try:
            db.row_factory = sqlite3.Row
            db.create_function("any_glob", 2, _any_glob, deterministic=True)
            yield db
        finally:
            db.close()


def _operations(query: Query) -> tuple[str, list[Any]]:
    where, values = ["end_ns >= ?"], [query.since_ns]
    if not query.invocations:
        where.append("boundary IS NULL")
    _glob(where, values, "agent", query.agent)
    _glob(where, values, "model", query.model)
    _text(where, values, query.text, ("agent", "tenant", "model", "name", "trace_id", "error_type"))
    if query.errors:
        where.append("status = 'ERROR'")
    return " AND ".join(where), values


def _glob(where: list[str], values: list[Any], column: str, pattern: str) -> None:
    if pattern:
        where.append(f"any_glob({column}, ?)")
        values.append(pattern)


def _text(where: list[str], values: list[Any], text: str, names: tuple[str, ...]) -> None:
    for word in text.split()[:8]:
        where.append("(" + " OR ".join(f"instr(lower({c}), ?)" for c in names) + ")")
        values.extend([word.lower()] * len(names))


def _any_glob(text: str | None, pattern: str) -> bool:
    return any(fnmatch.fnmatchcase(one, pattern) for one in (text or "").split(", "))


def _span(row: sqlite3.Row) -> SpanRow:
    more = _loaded(row["more"])
    values = {name: row[name] for name in _PLAIN}
    attributes = _loaded(row["attributes"])
    return SpanRow(
        **{**values, "complete": bool(values["complete"])},
        attributes=attributes,
        peer=columns(attributes, {}).peer,
        title=title(values["name"], attributes),
        resource=_loaded(row["resource_json"]),
        links=more.get("links", []),
        events=more.get("events", []),
        scope=more.get("scope", []),
        schema=more.get("schema", ""),
    )


def _loaded(text: str | None) -> Any:
    return json.loads(text or "{}")
