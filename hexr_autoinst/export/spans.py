"""Spans to their sinks: one stock BatchSpanProcessor a sink, with an account on both sides of its queue.

The stock processor drops silently when its queue is full. So nothing is offered beyond the queue's
length: what would not fit is counted here, and what the exporter says of each batch is counted behind it.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

QUEUE: Final = 8_192
BATCH: Final = 512


@dataclass(frozen=True, slots=True)
class SinkCount:
    """Spans of one sink since its start: offered = delivered + failed + dropped + queued."""

    offered: int
    delivered: int
    failed: int
    dropped: int

    @property
    def queued(self) -> int:
        """Spans that wait, or are on their way."""
        return self.offered - self.delivered - self.failed - self.dropped


class _Counted(SpanExporter):
    """The exporter as it is, with its answers counted."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter
        self.delivered = 0
        self.failed = 0

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        try:
            result = self._exporter.export(spans)
        except Exception:  # noqa: BLE001 - an exporter's fault is one sink's loss, counted as failed
            result = SpanExportResult.FAILURE
        if result is SpanExportResult.SUCCESS:
            self.delivered += len(spans)
        else:
            self.failed += len(spans)
        return result

    def shutdown(self) -> None:
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self._exporter.force_flush(timeout_millis)


class Sink:
    """One place that spans go to. `offer` never blocks."""

    def __init__(self, name: str, exporter: SpanExporter, delay_ms: int = 1_000) -> None:
        """`delay_ms`: how long a span may wait for company."""
        self.name = name
        self._exporter = _Counted(exporter)
        self._processor = BatchSpanProcessor(
            self._exporter,
            max_queue_size=QUEUE,
            schedule_delay_millis=delay_ms,
            max_export_batch_size=BATCH,
        )
        self._lock = threading.Lock()
        self._offered = 0
        self._dropped = 0

    def offer(self, span: ReadableSpan) -> None:
        """Queue one span, or count it as dropped when the queue is full."""
        with self._lock:
            self._offered += 1
            if self.count.queued > QUEUE:
                self._dropped += 1
                return
        self._processor.on_end(span)

    @property
    def count(self) -> SinkCount:
        """The account as it stands."""
        return SinkCount(self._offered, self._exporter.delivered, self._exporter.failed, self._dropped)

    def shutdown(self, timeout_ms: int = 3_000) -> None:
        """Give the queue a last chance, then end."""
        ender = threading.Thread(target=self._processor.shutdown, daemon=True)
        ender.start()
        ender.join(timeout_ms / 1_000)
