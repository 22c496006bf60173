import time
import urllib.request

import pytest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanContext, TraceFlags

from hexr_autoinst.config import Config, Session
from hexr_autoinst.export.reading import Query
from hexr_autoinst.export.sinks import build
from hexr_autoinst.export.sqlite_reader import SqliteStore
from hexr_autoinst.export.store_schema import STORE_FILE
from hexr_autoinst.semconv.measurement import Measurement

NOW = time.time_ns()  # the store keeps what is younger than a week
SESSION = Session(0, "aa", "bb", "host")


@pytest.fixture
def sinks(tmp_path):
    (tmp_path / "store").mkdir()
    made = build(Config(state_dir=str(tmp_path), metrics_port=0), SESSION)
    yield made
    made.shutdown()


def span():
    return ReadableSpan(
        "hexr.llm.chat", SpanContext(1, 2, False, TraceFlags(1)), resource=Resource({"service.name": "a"}),
        attributes={"gen_ai.operation.name": "chat", "gen_ai.request.model": "m", "gen_ai.provider.name": "openai"}, start_time=NOW, end_time=NOW + 1,
    )  # fmt: skip


def test_a_span_reaches_the_store_and_is_counted(sinks, tmp_path):
    sinks.spans([span()])
    sinks.shutdown()

    assert [row.models for row in SqliteStore(tmp_path / STORE_FILE).traces(Query())] == ["m"]
    assert sinks.status()["sinks"]["store"] == {
        "offered": 1,
        "delivered": 1,
        "failed": 0,
        "dropped": 0,
        "queued": 0,
    }


def test_a_measurement_stands_on_the_metrics_page(sinks):
    sinks.measure([Measurement("hexr.llm.calls", 3, (("agent", "a"), ("tenant", "t")))])
    with urllib.request.urlopen(
        f"http://127.0.0.1:{sinks.status()['metrics_port']}/metrics", timeout=5
    ) as page:
        text = page.read().decode()

    assert 'hexr_llm_calls_total{agent="a",tenant="t"} 3' in text


def test_health_is_kept_for_the_page_and_measured(sinks, tmp_path):
    sinks.spans([span()])
    sinks.health({"account": {"issued": 5}})
    sinks.shutdown()

    assert SqliteStore(tmp_path / STORE_FILE).health()["account"] == {"issued": 5}


def test_a_collector_that_is_down_costs_counted_spans_and_no_exception(tmp_path):
    (tmp_path / "store").mkdir()
    made = build(Config(state_dir=str(tmp_path), metrics_port=0, otlp_endpoint="http://127.0.0.1:9"), SESSION)
    made.spans([span()])
    made.shutdown()
    status = made.status()

    assert status["sinks"]["store"]["delivered"] == 1
    assert status["sinks"]["otlp"]["delivered"] == 0
    assert status["sinks"]["otlp"]["offered"] == 1
