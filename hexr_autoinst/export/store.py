"""Spans into the embedded store: an OpenTelemetry exporter over SQLite, bounded by age and by size.

A batch is one transaction: after kill -9 the store holds whole batches. Lists and totals are kept
beside the spans as they come, so that no reader has to sum a table. A span that is told twice
(same trace, same id: a batch tried again) is kept once and counted once.
"""

import json
import sqlite3
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from hexr_autoinst.export.store_rows import Record, record
from hexr_autoinst.export.store_schema import PAGE_SIZE, SPAN_COLUMNS, WAL_LIMIT, size, writer

# put_health is called from the teller's one busy thread: it may wait this long for a batch, no longer.
HEALTH_WAIT_S: Final = 0.02
# Age is looked at this often; size after every batch.
AGE_EVERY_S: Final = 60.0
_DAY_NS: Final = 86_400 * 1_000_000_000
_RESOURCES_KEPT: Final = 512

_INSERT_SPAN: Final = f"""
INSERT OR IGNORE INTO spans ({", ".join(SPAN_COLUMNS)}) VALUES ({", ".join("?" * len(SPAN_COLUMNS))})
"""  # noqa: S608 - the names are this module's own
_UPSERT_TRACE: Final = """
INSERT INTO traces VALUES (:trace_id, :start_ns, :end_ns, :agent, :tenant, :model, :name, :root, 1, :call, :tool,
  :input, :output, :first_chunk_s, :error, :failed, :error_type, :incomplete)
ON CONFLICT (trace_id) DO UPDATE SET
  began = min(began, excluded.began), ended = max(ended, excluded.ended),
  agent = CASE WHEN excluded.rooted OR agent = '' THEN excluded.agent ELSE agent END,
  tenant = CASE WHEN excluded.rooted OR tenant = '' THEN excluded.tenant ELSE tenant END,
  models = CASE WHEN excluded.models = '' OR instr(', ' || models || ', ', ', ' || excluded.models || ', ')
                  OR length(models) > 400 THEN models
                WHEN models = '' THEN excluded.models ELSE models || ', ' || excluded.models END,
  name = CASE WHEN excluded.rooted OR name = '' THEN excluded.name ELSE name END,
  rooted = max(rooted, excluded.rooted), spans = spans + 1,
  calls = calls + excluded.calls, tools = tools + excluded.tools,
  input_tokens = min(input_tokens + excluded.input_tokens, 1 << 62),
  output_tokens = min(output_tokens + excluded.output_tokens, 1 << 62),
  first_chunk_s = coalesce(first_chunk_s, excluded.first_chunk_s),
  errors = errors + excluded.errors, failed = max(failed, excluded.failed),
  error_type = coalesce(error_type, excluded.error_type), incomplete = incomplete + excluded.incomplete
"""
_UPSERT_AGENT: Final = """
INSERT INTO agents VALUES (:agent, :tenant, :framework, :instance, :start_ns, :end_ns, :call, :tool, :error, :input, :output)
ON CONFLICT (agent, tenant) DO UPDATE SET
  framework = CASE WHEN excluded.framework = '' THEN framework ELSE excluded.framework END,
  instance = excluded.instance,
  first_ns = min(first_ns, excluded.first_ns), last_ns = max(last_ns, excluded.last_ns),
  calls = calls + excluded.calls, tools = tools + excluded.tools, errors = errors + excluded.errors,
  input_tokens = min(input_tokens + excluded.input_tokens, 1 << 62),
  output_tokens = min(output_tokens + excluded.output_tokens, 1 << 62)
"""


class StoreExporter(SpanExporter):
    """Writes spans to `path`. StateUnwritable when that cannot be."""

    def __init__(self, path: Path, max_mb: int, max_days: float) -> None:
        """Open or make the store. `max_mb` bounds the main file and its WAL together."""
        self._db = writer(path)
        self._lock = threading.Lock()
        whole = max_mb << 20
        self._limit = max(whole - 2 * WAL_LIMIT, whole // 2)
        self._max_age = int(max_days * _DAY_NS)
        self._aged = 0.0
        self._resources: dict[str, int] = {}
        self.missed_health = 0
        self.errors = 0
        self.last_error = ""

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """One transaction for the batch, then the bounds."""
        records = [record(span) for span in spans]
        with self._lock:
            try:
                with self._transaction():
                    for one in records:
                        self._insert(one)
                self._bound()
            except sqlite3.Error as error:
                self.errors += 1
                self.last_error = str(error)
                return SpanExportResult.FAILURE
        return SpanExportResult.SUCCESS

    def put_health(self, facts: Mapping[str, Any]) -> None:
        """Keep the newest state of the daemon, one row for each key. Skipped (and counted) while a batch is written."""
        if not self._lock.acquire(timeout=HEALTH_WAIT_S):
            self.missed_health += 1
            return
        try:
            now = time.time_ns()
            with self._transaction():
                self._db.executemany(
                    "INSERT OR REPLACE INTO health VALUES (?, ?, ?)",
                    [(name, now, json.dumps(value, default=str)) for name, value in facts.items()],
                )
        except sqlite3.Error as error:
            self.missed_health += 1
            self.last_error = str(error)
        finally:
            self._lock.release()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:  # noqa: ARG002 - the interface's
        """Nothing waits here: `export` returns when the batch is in."""
        return True

    def shutdown(self) -> None:
        """Close cleanly: SQLite moves the WAL into the file and removes it."""
        with self._lock:
            self._db.close()

    def _transaction(self) -> "_Transaction":
        return _Transaction(self._db)

    def _insert(self, one: Record) -> None:
        if self._db.execute(_INSERT_SPAN, one.values(self._resource(one.resource))).rowcount != 1:
            return
        totals = one.totals()
        self._db.execute(_UPSERT_TRACE, totals)
        if one.row.agent:
            self._db.execute(_UPSERT_AGENT, totals)

    def _resource(self, text: str) -> int:
        known = self._resources.get(text)
        if known is None:
            self._db.execute("INSERT OR IGNORE INTO resources (json) VALUES (?)", (text,))
            known = int(self._db.execute("SELECT id FROM resources WHERE json = ?", (text,)).fetchone()[0])
            if len(self._resources) >= _RESOURCES_KEPT:
                self._resources.clear()
            self._resources[text] = known
        return known

    def _bound(self) -> None:
        now = time.monotonic()
        if now - self._aged >= AGE_EVERY_S or not self._aged:
            self._aged = now
            oldest = max(0, time.time_ns() - self._max_age)
            self._forget("SELECT trace_id FROM traces WHERE ended < ?", oldest)
        while size(self._db) > self._limit:
            count = int(self._db.execute("SELECT count(*) FROM traces").fetchone()[0])
            if not count:
                break
            # A tenth at a time: room for a while, so that not every batch pays for it.
            self._forget("SELECT trace_id FROM traces ORDER BY ended LIMIT ?", max(1, count // 10))

    def _forget(self, which: str, argument: int) -> None:
        with self._transaction():
            gone = self._db.execute(which, (argument,)).fetchall()
            if not gone:
                return
            self._db.executemany("DELETE FROM spans WHERE trace_id = ?", gone)
            self._db.executemany("DELETE FROM traces WHERE trace_id = ?", gone)
            self._db.execute(
                "DELETE FROM agents WHERE last_ns < (SELECT coalesce(min(began), 0) FROM traces)"
            )
            self._db.execute(
                "DELETE FROM resources WHERE NOT EXISTS (SELECT 1 FROM spans WHERE spans.resource = resources.id)"
            )
        self._resources.clear()
        # The pragma frees a page for each row that is fetched.
        self._db.execute(f"PRAGMA incremental_vacuum({self._limit // PAGE_SIZE})").fetchall()
        self._db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()


class _Transaction:
    """BEGIN IMMEDIATE to COMMIT; ROLLBACK on any exception."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def __enter__(self) -> None:
        self._db.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._db.execute("COMMIT")
        elif self._db.in_transaction:  # a full disk makes SQLite roll back by itself
            self._db.execute("ROLLBACK")
