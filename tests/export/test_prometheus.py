import shutil
import subprocess

import pytest
from opentelemetry.sdk.resources import Resource

from hexr_autoinst.export import prometheus
from hexr_autoinst.export.meter import Meter
from hexr_autoinst.semconv.instruments import INSTRUMENTS
from hexr_autoinst.semconv.measurement import Measurement

TRACE = ("ab" * 16, "cd" * 8)


@pytest.fixture
def page():
    reader = prometheus.reader()
    meter = Meter(Resource({"service.name": "hexr-autoinst"}), [reader], cap=10)
    hostile = (("agent", 'a"\n\\b'), ("tenant", "t"))
    meter.record(Measurement("hexr.llm.calls", 2, hostile, TRACE))
    meter.record(Measurement("hexr.llm.call.duration", 0.3, hostile, TRACE))
    meter.record(Measurement("hexr.agent.active", 1, hostile))
    meter.record(Measurement("hexr_guard_scans_total", 1, (("agent", "g"),)))
    meter.record(Measurement("hexr_guard_scan_duration_seconds", 1, (("agent", "g"),)))
    yield lambda openmetrics: prometheus.render(reader.get_metrics_data(), openmetrics=openmetrics)
    meter.shutdown()


def test_names_units_and_escapes_follow_the_compatibility_rules(page):
    text = page(False)

    assert 'hexr_llm_calls_total{agent="a\\"\\n\\\\b",tenant="t"} 2\n' in text
    assert "# TYPE hexr_llm_calls_total counter" in text
    assert "# HELP hexr_llm_call_duration_seconds Duration of a call of a model API." in text
    assert 'hexr_llm_call_duration_seconds_bucket{agent="a\\"\\n\\\\b",le="0.32",tenant="t"} 1' in text
    assert 'le="+Inf",tenant="t"} 1' in text
    assert "# TYPE hexr_agent_active gauge" in text
    assert text.count("\ntarget_info{") == 1
    assert " # {" not in text


def test_exemplars_stand_in_openmetrics_only(page):
    text = page(True)

    assert f'# {{trace_id="{TRACE[0]}",span_id="{TRACE[1]}"}} 0.3' in text
    assert "# TYPE hexr_llm_calls counter" in text
    assert text.endswith("# EOF\n")


def test_every_family_stands_once(page):
    kinds = [line.split()[2] for line in page(False).splitlines() if line.startswith("# TYPE")]

    assert sorted(set(kinds)) == sorted(kinds)


def test_a_name_that_says_total_already_says_it_once(page):
    assert 'hexr_guard_scans_total{agent="g"} 1\n' in page(False)
    assert "# TYPE hexr_guard_scans_total counter" in page(False)
    assert "# TYPE hexr_guard_scans counter" in page(True)
    assert "hexr_guard_scan_duration_seconds_count" in page(False)


def test_every_instrument_is_exposed_under_the_name_that_queries_are_made_of():
    reader = prometheus.reader()
    meter = Meter(Resource({}), [reader], cap=10)
    for spec in INSTRUMENTS.values():
        meter.record(Measurement(spec.name, 1, tuple((label, "x") for label in spec.labels), TRACE))
    text = prometheus.render(reader.get_metrics_data(), openmetrics=True)
    meter.shutdown()

    for spec in INSTRUMENTS.values():
        name = prometheus.sample_name(spec) + ("_bucket" if spec.kind == "histogram" else "")
        found = [line for line in text.splitlines() if line.startswith((f"{name}{{", f"{name} "))]
        assert found, name
        assert all(f'{prometheus.label_name(label)}="x"' in found[0] for label in spec.labels)
        if spec.kind == "histogram":
            assert TRACE[0] in "".join(found), f"{name} has no exemplar"


def test_no_data_is_an_empty_page():
    assert prometheus.render(None, openmetrics=False) == "\n"
    assert prometheus.render(None, openmetrics=True) == "# EOF\n"


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not installed")
def test_prometheus_own_tool_reads_it(page):
    done = subprocess.run(
        ["promtool", "check", "metrics"], input=page(False), text=True, capture_output=True, check=False
    )

    assert "error while linting" not in done.stderr
    assert "no help text" not in done.stdout + done.stderr
