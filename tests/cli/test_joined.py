"""Two hosts that know nothing of each other: each tells its end of a call, and `traces join` makes one trace of both."""

import json

import pytest
from opentelemetry.exporter.otlp.json.file import FileSpanExporter

from hexr_autoinst.correlate.rules import Rules
from hexr_autoinst.export.join import spans
from hexr_autoinst.model.story import Invocation, Placed
from hexr_autoinst.semconv.spans import Style, to_span
from tests.cli.store_for_tests import verb
from tests.correlate.play import END, Play, exchange, process, talk

MESSAGE = talk(join=("message", "0b7c6f9e-8e0b-4b63-93a5-5d0c9a3a7a10"))


def told(path, host, script, *calls):
    play = Play(Rules(host=host, salt=host.encode(), key=host.encode()))
    play >> process(0, args=("python3", script))
    for ex, operation in calls:
        play.exchange(ex, operation)
    play >> END
    with path.open("w", encoding="utf-8") as file:
        exporter = FileSpanExporter(stream=file)
        exporter.export([to_span(t, Style()) for t in play.everything if isinstance(t, Placed | Invocation)])
    return path


@pytest.fixture(params=[True, False], ids=["in an invocation", "with nothing open"])
def hosts(request, tmp_path):
    before = [(exchange("m", 1, 1.5), None)] if request.param else []
    sent, served = exchange("s", 2, 6, facts=0), exchange("r", 2.5, 5, facts=0, role="server")
    return (
        told(tmp_path / "a.jsonl", "one", "boss.py", *before, (sent, MESSAGE)),
        told(tmp_path / "b.jsonl", "two", "worker.py", (served, MESSAGE), (exchange("w", 5.5, 5.8), None)),
    )


@pytest.mark.parametrize("order", [1, -1])
def test_two_exports_are_one_trace_with_one_root(hosts, tmp_path, order):
    done = verb(tmp_path, "traces", "join", *map(str, hosts[::order]))

    found = {s["name"]: s for line in done.stdout.splitlines() for s in spans(json.loads(line))}
    assert done.returncode == 0
    assert len({s["traceId"] for s in found.values()}) == 1
    assert found["hexr.a2a.bridge.execute"]["parentSpanId"] == found["hexr.a2a.client.send"]["spanId"]
    every = [s for line in done.stdout.splitlines() for s in spans(json.loads(line))]
    assert len([s for s in every if not s.get("parentSpanId")]) == 1
    ids = {(s["traceId"], s["spanId"]) for s in every}
    assert all((x["traceId"], x["spanId"]) in ids for s in every for x in s.get("links", ()))


def test_the_tree_shows_who_worked_for_whom(hosts, tmp_path):
    done = verb(tmp_path, "traces", "join", "-o", "tree", *map(str, hosts), COLUMNS="150")

    drawn = done.stdout
    places = [
        drawn.index(name)
        for name in ("boss (turn)", "send to api.example.com", "execute", "worker (request)")
    ]
    assert places == sorted(places)
    assert sum(line.startswith(("boss", "worker", "execute")) for line in drawn.splitlines()) == 1


def test_a_file_that_is_no_export_is_an_error_in_one_sentence(tmp_path):
    (tmp_path / "x").write_text("hello")
    done = verb(tmp_path, "traces", "join", str(tmp_path / "x"))

    assert (done.returncode, done.stdout) == (65, "")
    assert "line 1" in done.stderr
    assert "Traceback" not in done.stderr
