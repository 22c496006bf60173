"""OTLP out, http/protobuf or grpc, through the stock exporters; metric points regrouped by whose they are.

Only ever calls the endpoint that the operator configured. Headers and TLS are read by
the exporters from the standard OTEL_EXPORTER_OTLP_* variables; how long a batch is tried is ours (TIMEOUT_S).
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from opentelemetry.sdk.metrics.export import (
    Metric,
    MetricExporter,
    MetricExportResult,
    MetricsData,
    PeriodicExportingMetricReader,
    ResourceMetrics,
    ScopeMetrics,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace.export import SpanExporter

from hexr_autoinst.export.meter import CARDINALITY

TIMEOUT_S: Final = 5
INTERVAL_MS: Final = 10_000


def span_exporter(endpoint: str, protocol: str) -> SpanExporter:
    """The stock exporter for spans. `endpoint` is the base address, as OTEL_EXPORTER_OTLP_ENDPOINT is."""
    if protocol == "grpc":
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as Grpc

        return Grpc(endpoint=endpoint, insecure=_insecure(endpoint), timeout=TIMEOUT_S)
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as Http

    return Http(endpoint=_joined(endpoint, "v1/traces"), timeout=TIMEOUT_S)


def metric_reader(endpoint: str, protocol: str) -> PeriodicExportingMetricReader:
    """A reader that sends every instrument each ten seconds."""
    inner: MetricExporter
    if protocol == "grpc":
        from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter as Grpc

        inner = Grpc(endpoint=endpoint, insecure=_insecure(endpoint), timeout=TIMEOUT_S)
    else:
        from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter as Http

        inner = Http(endpoint=_joined(endpoint, "v1/metrics"), timeout=TIMEOUT_S)
    return PeriodicExportingMetricReader(
        Regrouping(inner),
        export_interval_millis=INTERVAL_MS,
        export_timeout_millis=TIMEOUT_S * 1_000,
        cardinality_limits=CARDINALITY,
    )


def _insecure(endpoint: str) -> bool:
    return not endpoint.startswith("https://")


def _joined(endpoint: str, path: str) -> str:
    return f"{endpoint.rstrip('/')}/{path}"


class Regrouping(MetricExporter):
    """Points of one (tenant, agent) leave under a resource of their own; the daemon's stay under the daemon's."""

    def __init__(self, inner: MetricExporter) -> None:
        """Wrap a stock exporter; temporality and aggregation stay as it wants them."""
        super().__init__(inner._preferred_temporality, inner._preferred_aggregation)  # noqa: SLF001 - no public way to ask
        self._inner = inner

    def export(
        self, metrics_data: MetricsData, timeout_millis: float = 10_000, **kwargs: Any
    ) -> MetricExportResult:
        """Regroup, then send as one request."""
        return self._inner.export(regroup(metrics_data), timeout_millis, **kwargs)

    def force_flush(self, timeout_millis: float = 10_000) -> bool:
        """As the stock exporter does."""
        return self._inner.force_flush(timeout_millis)

    def shutdown(self, timeout_millis: float = 30_000, **kwargs: Any) -> None:
        """As the stock exporter does."""
        self._inner.shutdown(timeout_millis, **kwargs)


def regroup(data: MetricsData) -> MetricsData:
    """The same points, one ResourceMetrics for each agent."""
    return MetricsData([new for old in data.resource_metrics for new in _by_agent(old)])


def _by_agent(old: ResourceMetrics) -> Iterator[ResourceMetrics]:
    scopes: dict[tuple[str, str], list[ScopeMetrics]] = defaultdict(list)
    for scope in old.scope_metrics:
        parts: dict[tuple[str, str], list[Metric]] = defaultdict(list)
        for metric in scope.metrics:
            for owner, points in _points(metric).items():
                data: Any = metric.data
                parts[owner].append(replace(metric, data=replace(data, data_points=points)))
        for owner, metrics in parts.items():
            scopes[owner].append(replace(scope, metrics=metrics))
    for owner, scope_metrics in scopes.items():
        yield replace(old, resource=_resource(old.resource, owner), scope_metrics=scope_metrics)


def _points(metric: Metric) -> dict[tuple[str, str], list[Any]]:
    owners: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for point in metric.data.data_points:
        labels = point.attributes or {}
        owners[str(labels.get("tenant", "")), str(labels.get("agent", ""))].append(point)
    return owners


def _resource(daemon: Resource, owner: tuple[str, str]) -> Resource:
    tenant, agent = owner
    if not agent:
        return daemon
    return Resource(
        {**daemon.attributes, "service.name": agent, "service.namespace": tenant, "hexr.agent.name": agent},
    )
