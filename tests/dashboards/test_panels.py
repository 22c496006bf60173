"""Every panel's query, asked of a real Prometheus that scraped a real run, has data. The table of answers is build/panels.md."""

import json
import math
import shutil

import pytest

from tests.dashboards.watched import ROOT, substituted, watched

pytestmark = pytest.mark.skipif(not shutil.which("prometheus"), reason="prometheus is not installed")
ROUNDS = 20
FILES = ("platform-overview.json", "a2a-communication.json")


def panels(name):
    document = json.loads((ROOT / "dashboards" / name).read_text(encoding="utf-8"))
    return [p for p in document["panels"] if p["type"] != "row"]


PANELS = [(name, panel) for name in FILES for panel in panels(name)]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    with watched(tmp_path_factory.mktemp("watched"), ROUNDS) as (prometheus, stage):
        yield prometheus, stage


def answers(prometheus, target):
    expr = substituted(target["expr"])
    if target["instant"]:
        return [(m, v) for m, v in prometheus.instant(expr) if not math.isnan(v)]
    series = [(m, [v for _, v in points if not math.isnan(v)]) for m, points in prometheus.over(expr)]
    return [(m, points[-1]) for m, points in series if points]


def test_every_panel_has_data_and_the_table_says_which(run):
    prometheus, _ = run
    lines = ["| dashboard | panel | query | series | a value |", "|---|---|---|---|---|"]
    empty = []
    for name, panel in PANELS:
        for target in panel["targets"]:
            found = answers(prometheus, target)
            value = f"{found[0][1]:.4g}" if found else "**none**"
            expr = target["expr"].replace("|", "\\|")
            lines.append(f"| {name} | {panel['title']} | `{expr}` | {len(found)} | {value} |")
            if not found:
                empty.append((panel["title"], target["expr"]))
    (ROOT / "build").mkdir(exist_ok=True)
    (ROOT / "build" / "panels.md").write_text("\n".join(lines) + "\n", encoding="utf-8")

    assert [] == empty
    assert 42 == len(PANELS)


def test_every_series_of_a_panel_has_a_name(run):
    """A legend that asks for a label nobody has draws lines without a name."""
    prometheus, _ = run
    import re

    for _, panel in PANELS:
        for target in panel["targets"]:
            wanted = set(re.findall(r"{{(\w+)}}", target["legendFormat"]))
            for labels, _ in answers(prometheus, target):
                assert wanted <= set(labels), (panel["title"], labels)


def test_numbers_are_those_of_the_run(run):
    prometheus, stage = run

    def total(expr):
        return sum(v for _, v in prometheus.instant(expr))

    assert ROUNDS == total("hexr_vault_operations_total")
    assert ROUNDS == total('hexr_store_operations_total{operation="write"}')
    assert ROUNDS == total("hexr_credential_rotations_total") == total("hexr_guard_scans_total")
    assert (
        ROUNDS
        == total('hexr_gateway_calls_total{end="client"}')
        == total('hexr_gateway_calls_total{end="server"}')
    )
    assert (
        ROUNDS + ROUNDS // 4 + ROUNDS // 2
        == total("hexr_a2a_sends_total")
        == total("hexr_a2a_bridge_executions_total")
    )
    assert ROUNDS // 4 == total("hexr_a2a_send_failures_total")
    # Each task's every state once, though both ends have told it.
    assert ROUNDS + ROUNDS // 2 == total('hexr_a2a_task_transitions_total{from="none"}')
    assert total("hexr_a2a_task_duration_seconds_count") == total(
        'hexr_a2a_task_transitions_total{to=~"completed|failed|canceled|rejected"}'
    )
    assert {("acme", "beta"), ("acme", "acme")} == {
        (m["tenant"], m["peer_tenant"]) for m, _ in prometheus.instant("hexr_a2a_sends_total")
    }
    for end in ("client", "server"):
        assert 1 == total(f'hexr_sse_active{{protocol="a2a",end="{end}"}}')
    assert 0 == total('hexr_sse_active{protocol="model"}')
    assert 0 < total("hexr_llm_cost_total")
    assert 0 < stage.spans


@pytest.mark.parametrize(
    "family",
    ["hexr_a2a_task_duration_seconds", "hexr_vault_duration_seconds", "hexr_llm_call_duration_seconds"],
)
def test_exemplars_arrive_with_their_trace(run, family):
    prometheus, _ = run
    import time

    found = prometheus.get(
        "/api/v1/query_exemplars", query=f"{family}_bucket", start=time.time() - 120, end=time.time() + 1
    )
    ids = [e["labels"]["trace_id"] for series in found for e in series["exemplars"]]

    assert ids
    assert {32} == {len(i) for i in ids}


def test_the_rules_are_evaluated_without_an_error(run):
    prometheus, _ = run
    rules = [r for g in prometheus.get("/api/v1/rules")["groups"] for r in g["rules"]]

    assert {"ok"} == {r["health"] for r in rules}
    recorded = {r["name"] for r in rules if r["type"] == "recording"}
    assert {r for r in recorded if prometheus.instant(r)} >= {
        "tenant_tier:hexr_cache_hits:ratio_rate5m", "tenant_agent:hexr_llm_errors:ratio_rate5m",
        "tenant_agent:hexr_a2a_send_failures:ratio_rate5m", "instance:hexr_self_facts_lost:ratio_rate5m",
    }  # fmt: skip
