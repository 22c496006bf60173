"""The Prometheus endpoint: the SDK's own data in text, with HELP, exemplars and one target_info.

`render` is pure. The server listens on loopback alone and answers GET /metrics; exemplars stand
only in OpenMetrics, which a scraper asks for in its Accept header (OpenMetrics 1.0, and the OTel
specification's "Prometheus and OpenMetrics Compatibility" for names, units and target_info).
"""

import math
import re
from collections.abc import Iterator
from typing import Any, Final

from opentelemetry.sdk.metrics.export import (
    Histogram,
    HistogramDataPoint,
    InMemoryMetricReader,
    Metric,
    MetricsData,
    NumberDataPoint,
    Sum,
)

from hexr_autoinst.export.meter import CARDINALITY
from hexr_autoinst.semconv.instruments import Instrument

OPENMETRICS: Final = "application/openmetrics-text; version=1.0.0; charset=utf-8"
TEXT: Final = "text/plain; version=0.0.4; charset=utf-8"
_UNITS: Final = {"s": "seconds", "By": "bytes"}
_BAD: Final = re.compile(r"[^a-zA-Z0-9_:]")
_ESCAPES: Final = str.maketrans({"\\": r"\\", "\n": r"\n", '"': r"\""})


def reader() -> InMemoryMetricReader:
    """The reader whose data `render` puts into text."""
    return InMemoryMetricReader(cardinality_limits=CARDINALITY)


def render(data: MetricsData | None, *, openmetrics: bool) -> str:
    """Every family once, in order of name."""
    lines: list[str] = []
    resources = data.resource_metrics if data else []
    for resource in resources:
        lines += _target_info(dict(resource.resource.attributes), openmetrics=openmetrics)
        metrics = [m for scope in resource.scope_metrics for m in scope.metrics]
        for metric in sorted(metrics, key=lambda m: m.name):
            lines += _family(metric, openmetrics=openmetrics)
    if openmetrics:
        lines.append("# EOF")
    return "\n".join(lines) + "\n"


def family_name(name: str, unit: str, *, counter: bool = False) -> str:
    """`hexr.llm.call.duration` in seconds is hexr_llm_call_duration_seconds. A counter's samples add _total, which its name may have already."""
    name = _BAD.sub("_", name)
    name = name.removesuffix("_total") if counter else name
    word = _UNITS.get(unit, "")
    return f"{name}_{word}" if word and not name.endswith(word) else name


def sample_name(spec: Instrument) -> str:
    """What a query asks for: of a histogram the family, whose samples end in _bucket, _sum and _count."""
    counter = spec.kind == "counter"
    return family_name(spec.name, spec.unit, counter=counter) + ("_total" if counter else "")


def label_name(label: str) -> str:
    """An attribute's key as a label."""
    return _BAD.sub("_", label)


def _target_info(attributes: dict[str, Any], *, openmetrics: bool) -> Iterator[str]:
    name = "target" if openmetrics else "target_info"
    yield f"# HELP {name} The resource that these metrics come from."
    yield f"# TYPE {name} {'info' if openmetrics else 'gauge'}"
    yield f"target_info{_labels(attributes)} 1"


def _family(metric: Metric, *, openmetrics: bool) -> Iterator[str]:
    data = metric.data
    counter = isinstance(data, Sum) and data.is_monotonic
    name = family_name(metric.name, metric.unit or "", counter=counter)
    kind = "counter" if counter else "histogram" if isinstance(data, Histogram) else "gauge"
    shown = f"{name}_total" if counter and not openmetrics else name
    yield f"# HELP {shown} {(metric.description or metric.name).translate(_ESCAPES)}"
    yield f"# TYPE {shown} {kind}"
    for point in data.data_points:
        if isinstance(point, HistogramDataPoint):
            yield from _histogram(name, point, openmetrics=openmetrics)
        elif isinstance(point, NumberDataPoint):
            suffix = "_total" if counter else ""
            mark = _exemplar(point.exemplars, -math.inf, math.inf) if openmetrics and counter else ""
            yield f"{name}{suffix}{_labels(point.attributes)} {_number(point.value)}{mark}"


def _histogram(name: str, point: HistogramDataPoint, *, openmetrics: bool) -> Iterator[str]:
    total, low = 0, -math.inf
    for count, high in zip(point.bucket_counts, (*point.explicit_bounds, math.inf), strict=True):
        total += count
        bound = "+Inf" if math.isinf(high) else _number(float(high))
        mark = _exemplar(point.exemplars, low, high) if openmetrics and count else ""
        yield f"{name}_bucket{_labels(point.attributes, le=bound)} {total}{mark}"
        low = high
    yield f"{name}_sum{_labels(point.attributes)} {_number(point.sum)}"
    yield f"{name}_count{_labels(point.attributes)} {point.count}"


def _exemplar(exemplars: Any, low: float, high: float) -> str:
    for one in exemplars or ():
        if one.trace_id and low < one.value <= high:
            ids = f'trace_id="{one.trace_id:032x}",span_id="{one.span_id:016x}"'
            return f" # {{{ids}}} {_number(one.value)} {one.time_unix_nano / 1e9:.3f}"
    return ""


def _labels(attributes: Any, **more: str) -> str:
    pairs = {label_name(k): v for k, v in {**(attributes or {}), **more}.items()}
    if not pairs:
        return ""
    inner = ",".join(f'{k}="{str(v).translate(_ESCAPES)}"' for k, v in sorted(pairs.items()))
    return "{" + inner + "}"


def _number(value: float) -> str:
    return (
        str(int(value))
        if isinstance(value, int) or (value.is_integer() and abs(value) < 1e15)
        else repr(value)
    )
