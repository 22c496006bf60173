import pytest
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.resources import Resource

from hexr_autoinst.export.meter import OTHER, Meter
from hexr_autoinst.semconv.measurement import Measurement


@pytest.fixture
def metered():
    reader = InMemoryMetricReader()
    meter = Meter(Resource({}), [reader], cap=3)
    yield meter, reader
    meter.shutdown()


def points(reader, name):
    data = reader.get_metrics_data()
    metrics = [m for r in data.resource_metrics for s in r.scope_metrics for m in s.metrics if m.name == name]
    return [p for m in metrics for p in m.data.data_points]


def test_a_label_value_beyond_the_cap_is_other_and_nothing_is_lost(metered):
    meter, reader = metered
    for n in range(10):
        meter.record(Measurement("hexr.llm.calls", 1, (("agent", f"a{n}"),)))
    got = {p.attributes["agent"]: p.value for p in points(reader, "hexr.llm.calls")}

    assert got == {"a0": 1, "a1": 1, "a2": 1, OTHER: 7}


def test_an_exemplar_points_at_the_span(metered):
    meter, reader = metered
    meter.record(Measurement("hexr.llm.call.duration", 0.3, (), ("ab" * 16, "cd" * 8)))
    (point,) = points(reader, "hexr.llm.call.duration")

    assert [int("ab" * 16, 16)] == [e.trace_id for e in point.exemplars]


def test_up_and_down_cancel(metered):
    meter, reader = metered
    meter.record(Measurement("hexr.agent.active", 1))
    meter.record(Measurement("hexr.agent.active", -1))

    assert [p.value for p in points(reader, "hexr.agent.active")] == [0]


def test_a_metric_that_is_not_in_the_table_is_a_defect(metered):
    with pytest.raises(KeyError):
        metered[0].record(Measurement("hexr.made.up", 1))
