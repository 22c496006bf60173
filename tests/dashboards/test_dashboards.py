"""The two dashboards: what the contract lists is there, every file is what its panels make, every panel says what it is."""

import json
import re
import subprocess
import sys

import pytest

from dashboards import a2a_communication, generate, grafana, platform_overview
from dashboards.panel import Panel, Query, metrics, promql
from hexr_autoinst.export.prometheus import sample_name
from hexr_autoinst.semconv.instruments import INSTRUMENTS
from tests.dashboards.watched import ROOT

DASHBOARDS = [platform_overview.DASHBOARD, a2a_communication.DASHBOARD]
PANELS = [p for d in DASHBOARDS for p in d.panels]
# Whose metrics a panel may ask for beside ours, by how they begin.
OTHERS = ("up", "kube_", "container_", "spire_", "otelcol_")


def test_there_are_forty_two():
    assert [23, 19] == [len(d.panels) for d in DASHBOARDS]
    assert 42 == len({(d.uid, p.title) for d in DASHBOARDS for p in d.panels})


@pytest.mark.parametrize(
    ("dashboard", "wanted"),
    [
        (0, ["Pods by phase", "Container restarts", "Credential exchanges", "Cache hit ratio", "Connections open", "TLS handshake duration", "SPIRE entries", "SVID rotations", "Collector throughput", "Vault operations", "Vault latency", "Gateway tools"]),
        (1, ["Tasks by state reached", "Changes of state", "Messages sent, by pair", "Task duration", "SSE streams open", "Store operations", "Errors by change of state", "Messages across tenants"]),
    ],
)  # fmt: skip
def test_what_the_contract_lists_is_shown(dashboard, wanted):
    assert set(wanted) <= {p.title for p in DASHBOARDS[dashboard].panels}


def test_the_files_are_what_the_panels_make():
    assert {path: path.read_text(encoding="utf-8") for path in generate.files()} == generate.files()
    done = subprocess.run(
        [sys.executable, ROOT / "dashboards" / "generate.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (0, "") == (done.returncode, done.stdout.strip())


@pytest.mark.parametrize("panel", PANELS, ids=lambda p: p.title)
def test_a_panel_says_where_its_facts_come_from_and_names_its_series(panel):
    assert panel.unit
    assert panel.source.endswith(".")
    assert all(q.legend for q in panel.queries)
    for query in panel.queries:
        for name in metrics(query.expr):
            assert name in panel.source, "the metric is named where it is explained"
        asked = re.findall(
            r"\b([a-z][a-z0-9]*_[a-z0-9_]+|up)\{", promql(query.expr).replace('{__name__=~"', "")
        )
        ours = {sample_name(s) + t for s in INSTRUMENTS.values() for t in ("", "_bucket", "_sum", "_count")}
        assert all(name in ours or name.startswith(OTHERS) for name in asked)
    foreign = any(not metrics(q.expr) for q in panel.queries)
    assert foreign is (panel.fed_by != "hexr-autoinst")


@pytest.mark.parametrize("dashboard", DASHBOARDS, ids=lambda d: d.uid)
def test_the_document_is_whole(dashboard):
    found = grafana.to_json(dashboard)
    panels = [p for p in found["panels"] if p["type"] != "row"]

    assert len({p["id"] for p in found["panels"]}) == len(found["panels"])
    assert {"datasource", "tenant", "agent"} == {v["name"] for v in found["templating"]["list"]}
    for panel in panels:
        assert panel["title"]
        assert panel["description"]
        assert panel["fieldConfig"]["defaults"]["unit"]
        assert panel["fieldConfig"]["defaults"]["thresholds"]["steps"][0]["value"] is None
        assert {"type": "prometheus", "uid": "${datasource}"} == panel["datasource"]
        assert all(t["expr"] and t["legendFormat"] for t in panel["targets"])
    assert any(t["exemplar"] for p in panels for t in p["targets"])
    spots = [
        (p["gridPos"]["y"], x)
        for p in panels
        for x in range(p["gridPos"]["x"], p["gridPos"]["x"] + p["gridPos"]["w"])
    ]
    assert len(spots) == len(set(spots)), "panels lie on each other"
    assert max(x for _, x in spots) < 24


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("<hexr.agent.active>", 'hexr_agent_active{agent=~"$agent",tenant=~"$tenant"}'),
        ('<hexr.a2a.sends|peer="x">', 'hexr_a2a_sends_total{agent=~"$agent",tenant=~"$tenant",peer="x"}'),
        ("<hexr.vault.duration:bucket>", 'hexr_vault_duration_seconds_bucket{agent=~"$agent",tenant=~"$tenant"}'),
        ("<hexr.self.bytes>", "hexr_self_bytes_total"),
        ("<hexr_guard_scans_total>", 'hexr_guard_scans_total{agent=~"$agent",tenant=~"$tenant"}'),
        ("up > 0", "up > 0"),
    ],
)  # fmt: skip
def test_the_notation_becomes_prometheus_own_words(query, expected):
    assert expected == promql(query)


@pytest.mark.parametrize(
    "query",
    ["<hexr.made.up>", '<hexr.a2a.sends|made_up="x">', "<hexr.vault.duration>", "<hexr.agent.active:sum>"],
)
def test_a_query_for_what_is_not_there_is_an_error(query):
    with pytest.raises(KeyError):
        promql(query)


def test_steps_ends_and_colors_become_grafanas():
    panel = Panel(
        "t",
        "gauge",
        "s",
        "s.",
        (Query("up", "x"),),
        steps=((0, "red"), (5, "green")),
        least=0,
        most=9,
        whole=True,
        colors=(("bad", "red"),),
    )
    defaults = grafana._defaults(panel)

    assert [(None, "red"), (5, "green")] == [
        (s["value"], s["color"]) for s in defaults["thresholds"]["steps"]
    ]
    assert (0, 9, 0) == (defaults["min"], defaults["max"], defaults["decimals"])
    assert [("/bad/", "red")] == [
        (o["matcher"]["options"], o["properties"][0]["value"]["fixedColor"])
        for o in grafana._overrides(panel)
    ]


def test_provisioning_names_what_is_installed_and_where_a_trace_is():
    folder = ROOT / "dashboards" / "provisioning"
    boards, sources = (
        (folder / n).read_text(encoding="utf-8") for n in ("dashboards.yml", "datasources.yml")
    )

    assert "path: /opt/hexr-autoinst/share/dashboards" in boards
    assert "name: trace_id" in sources
    # Environment variables are replaced in these files: a dollar that is meant is written twice.
    assert "$${__value.raw}" in sources


def test_the_documents_are_plain_json():
    for path in generate.files():
        assert json.loads(path.read_text(encoding="utf-8"))["uid"].startswith("hexr-")
