import gzip
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.metrics.v1.metrics_pb2 import (
    AGGREGATION_TEMPORALITY_CUMULATIVE,
    AGGREGATION_TEMPORALITY_DELTA,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExportResult
from opentelemetry.trace import SpanContext, TraceFlags

from hexr_autoinst.export import otlp
from hexr_autoinst.export.meter import Meter
from hexr_autoinst.semconv.measurement import Measurement

DELTA, CUMULATIVE = AGGREGATION_TEMPORALITY_DELTA, AGGREGATION_TEMPORALITY_CUMULATIVE


@pytest.fixture
def collector():
    """A collector as far as OTLP/HTTP goes: keeps what it was sent."""
    got = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append(
                (self.path, gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body)
            )
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}", got
    server.shutdown()
    server.server_close()
    thread.join()


def attributes(resource):
    return {a.key: a.value.string_value for a in resource.attributes}


def test_spans_of_two_agents_leave_through_one_exporter_under_their_own_resources(collector):
    endpoint, got = collector
    exporter = otlp.span_exporter(endpoint, "http/protobuf")
    spans = [
        ReadableSpan(
            "s", SpanContext(n, n, False, TraceFlags(1)), resource=Resource({"service.name": f"a{n}"})
        )
        for n in (1, 2)
    ]

    assert SpanExportResult.SUCCESS is exporter.export(spans)
    exporter.shutdown()
    ((path, body),) = got
    assert path == "/v1/traces"
    assert {"a1", "a2"} == {
        attributes(r.resource)["service.name"]
        for r in ExportTraceServiceRequest.FromString(body).resource_spans
    }


def test_points_are_regrouped_into_a_resource_for_each_agent(collector):
    endpoint, got = collector
    meter = Meter(
        Resource({"service.name": "hexr-autoinst"}), [otlp.metric_reader(endpoint, "http/protobuf")], cap=10
    )
    for agent, count in (("a", 1), ("b", 2)):
        meter.record(Measurement("hexr.llm.calls", count, (("agent", agent), ("tenant", "t"))))
    meter.record(Measurement("hexr.self.facts.told", 5))
    meter.shutdown()
    request = ExportMetricsServiceRequest.FromString(got[0][1])
    found = {
        attributes(r.resource)["service.name"]: [
            (m.name, p.as_int or p.as_double)
            for s in r.scope_metrics
            for m in s.metrics
            for p in m.sum.data_points
        ]
        for r in request.resource_metrics
    }

    assert found == {
        "a": [("hexr.llm.calls", 1)],
        "b": [("hexr.llm.calls", 2)],
        "hexr-autoinst": [("hexr.self.facts.told", 5)],
    }


@pytest.mark.parametrize(
    ("preference", "monotonic", "updown"),
    [
        ("", CUMULATIVE, CUMULATIVE),
        ("cumulative", CUMULATIVE, CUMULATIVE),
        ("delta", DELTA, CUMULATIVE),
        ("lowmemory", DELTA, CUMULATIVE),
    ],
)
def test_the_standard_preference_of_temporality_is_kept(
    collector, monkeypatch, preference, monotonic, updown
):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", preference)
    endpoint, got = collector
    meter = Meter(Resource({}), [otlp.metric_reader(endpoint, "http/protobuf")], cap=10)
    for name in ("hexr.llm.calls", "hexr.agent.active", "hexr.llm.call.duration"):
        meter.record(Measurement(name, 1, (("agent", "a"), ("tenant", "t"))))
    meter.shutdown()
    request = ExportMetricsServiceRequest.FromString(got[0][1])
    found = {m.name: m for r in request.resource_metrics for s in r.scope_metrics for m in s.metrics}

    assert monotonic == found["hexr.llm.calls"].sum.aggregation_temporality
    assert updown == found["hexr.agent.active"].sum.aggregation_temporality
    assert monotonic == found["hexr.llm.call.duration"].histogram.aggregation_temporality


def test_both_protocols_have_a_stock_exporter():
    exporter = otlp.span_exporter("http://127.0.0.1:1", "grpc")

    assert "grpc" in type(exporter).__module__
    exporter.shutdown()
