import threading

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import SpanContext, TraceFlags

from hexr_autoinst.export.spans import QUEUE, Sink


class Held(SpanExporter):
    """A collector that is slow until it is let go."""

    def __init__(self, result=SpanExportResult.SUCCESS):
        self.go = threading.Event()
        self.result = result
        self.got = []

    def export(self, spans):
        self.go.wait(20)
        self.got += [s.name for s in spans]
        if self.result is None:
            raise ConnectionError
        return self.result

    def shutdown(self):
        pass


def span(n):
    return ReadableSpan(str(n), SpanContext(1, n + 1, False, TraceFlags(1)))


def counted(sink):
    c = sink.count
    return (c.offered, c.delivered, c.failed, c.dropped, c.queued)


def test_every_span_is_delivered_and_counted():
    exporter = Held()
    exporter.go.set()
    sink = Sink("s", exporter, delay_ms=10)
    for n in range(23):
        sink.offer(span(n))
    sink.shutdown()

    assert sorted(map(str, range(23))) == sorted(exporter.got)
    assert counted(sink) == (23, 23, 0, 0, 0)


def test_a_full_queue_drops_what_comes_and_says_how_many():
    exporter = Held()
    sink = Sink("s", exporter, delay_ms=10)
    for n in range(QUEUE + 100):
        sink.offer(span(n))

    assert sink.count.dropped == 100
    exporter.go.set()
    sink.shutdown(20_000)
    assert counted(sink) == (QUEUE + 100, QUEUE, 0, 100, 0)
    assert len(exporter.got) == QUEUE


def test_a_failing_and_a_raising_exporter_are_counted():
    for result in (SpanExportResult.FAILURE, None):
        exporter = Held(result)
        exporter.go.set()
        sink = Sink("s", exporter, delay_ms=10)
        sink.offer(span(1))
        sink.shutdown()

        assert counted(sink) == (1, 0, 1, 0, 0)
