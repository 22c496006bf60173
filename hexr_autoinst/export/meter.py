"""Measurements into the OpenTelemetry SDK: one MeterProvider, every label capped.

A label value beyond its cap is recorded as `other`, so that no hostile or busy host can make the
number of series grow without end. Exemplars come by handing the SDK the span's own context.
"""

from collections.abc import Iterable
from typing import Any, Final

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.metrics import Counter, Histogram, MeterProvider, UpDownCounter
from opentelemetry.sdk.metrics.export import MetricReader
from opentelemetry.sdk.resources import Resource

from hexr_autoinst.semconv.instruments import INSTRUMENTS, Instrument
from hexr_autoinst.semconv.measurement import Measurement

OTHER: Final = "other"
# The SDK's own limit of 2,000 series an instrument comes before ours when labels multiply.
SERIES_LIMIT: Final = 20_000
CARDINALITY: Final[dict[Any, int]] = {
    Counter: SERIES_LIMIT,
    UpDownCounter: SERIES_LIMIT,
    Histogram: SERIES_LIMIT,
}


class Meter:
    """Records measurements; `record` of an unknown instrument is a KeyError, for it is a defect."""

    def __init__(self, resource: Resource, readers: Iterable[MetricReader], cap: int) -> None:
        """`cap`: distinct values kept for each (instrument, label)."""
        self._provider = MeterProvider(
            metric_readers=list(readers), resource=resource, shutdown_on_exit=False
        )
        meter = self._provider.get_meter("hexr_autoinst")
        self._instruments = {name: _create(meter, spec) for name, spec in INSTRUMENTS.items()}
        self._cap = cap
        self._seen: dict[tuple[str, str], set[str | int]] = {}
        self._gauges: dict[str, Any] = {}

    def record(self, measurement: Measurement) -> None:
        """Move one instrument."""
        spec = INSTRUMENTS[measurement.instrument]
        labels = {k: self._capped(spec.name, k, v) for k, v in measurement.labels}
        instrument, context = self._instruments[spec.name], _context(measurement.trace)
        if spec.kind == "histogram":
            instrument.record(measurement.value, labels, context=context)
        elif spec.kind == "gauge":
            instrument.set(measurement.value, labels)
        else:
            instrument.add(measurement.value, labels, context=context)

    def shutdown(self) -> None:
        """Flush and end every reader."""
        self._provider.shutdown(timeout_millis=5_000)

    def _capped(self, instrument: str, label: str, value: str | int) -> str | int:
        seen = self._seen.setdefault((instrument, label), set())
        if value in seen:
            return value
        if len(seen) >= self._cap:
            return OTHER
        seen.add(value)
        return value


def _create(meter: Any, spec: Instrument) -> Any:
    more = {"unit": spec.unit, "description": spec.description}
    match spec.kind:
        case "counter":
            return meter.create_counter(spec.name, **more)
        case "updown":
            return meter.create_up_down_counter(spec.name, **more)
        case "gauge":
            return meter.create_gauge(spec.name, **more)
        case "histogram":
            return meter.create_histogram(spec.name, **more, explicit_bucket_boundaries_advisory=spec.buckets)


def _context(ids: tuple[str, str] | None) -> Context | None:
    if ids is None:
        return None
    span = trace.SpanContext(
        trace_id=int(ids[0], 16),
        span_id=int(ids[1], 16),
        is_remote=False,
        trace_flags=trace.TraceFlags(trace.TraceFlags.SAMPLED),
    )
    return trace.set_span_in_context(trace.NonRecordingSpan(span), Context())
