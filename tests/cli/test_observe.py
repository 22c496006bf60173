import json
import os
import signal
import subprocess
import sys

import pytest

from hexr_autoinst.cli import observe
from hexr_autoinst.export.reading import Query
from tests.cli.store_for_tests import BEFORE, ROOT, environment, fill, verb
from tests.export.spans_for_tests import MS, span


@pytest.fixture
def folder(tmp_path):
    exporter = fill(tmp_path)
    yield tmp_path
    exporter.shutdown()


def test_one_line_for_each_operation_and_none_for_an_invocation(folder):
    done = verb(folder, "observe")

    lines = done.stdout.splitlines()
    assert done.returncode == 0
    assert [line.split()[1] for line in lines] == ["analyst", "writer", "writer"]
    assert lines[0].split()[2:] == ["gpt-4o", "1,200", "→", "45", "250", "ms", "1.50", "s", "stop"]
    assert lines[1].split()[2:] == ["claude-sonnet-4", "100", "→", "-", "-", "1.50", "s", "429"]
    assert lines[2].endswith("incomplete")
    assert "\x1b" not in done.stdout


@pytest.mark.parametrize(
    ("words", "agents"),
    [
        (["--agent", "wri*"], ["writer", "writer"]),
        (["--model", "gpt-*"], ["analyst", "writer"]),
        (["--errors"], ["writer"]),
        (["--last", "1"], ["writer"]),
        (["--since", "40m"], ["writer"]),
        (["--since", "6h"], ["analyst", "writer", "writer"]),
        (["--agent", "nobody"], []),
    ],
)
def test_filters(folder, words, agents):
    done = verb(folder, "observe", *words, "-o", "json")

    assert [json.loads(line)["agent"] for line in done.stdout.splitlines()] == agents
    assert ("Nothing in the store matches." in done.stderr) == (not agents)


def test_since_gives_everything_since_however_much(folder, monkeypatch, capsys):
    monkeypatch.setattr(observe, "_AT_ONCE", 1)
    for name, value in environment(folder).items():
        monkeypatch.setenv(name, value)
    from hexr_autoinst.cli import main

    assert main(["observe", "--since", "6h"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 3


def test_its_own_json_is_flat_and_comes_back_the_same(folder):
    lines = verb(folder, "observe", "-o", "json").stdout
    again = verb(folder, "observe", "-o", "json", "-", stdin=lines)

    assert (again.stdout, again.returncode) == (lines, 0)
    for line in lines.splitlines():
        assert not [v for v in json.loads(line).values() if isinstance(v, dict)]
    assert verb(folder, "observe", "--stdin", stdin=lines).stdout == verb(folder, "observe").stdout
    errors = verb(folder, "observe", "--stdin", "--errors", stdin=lines)
    assert len(errors.stdout.splitlines()) == 1


def test_standard_input_that_is_not_its_own_is_counted(folder):
    done = verb(folder, "observe", "-", stdin='{"a": 1}\nnonsense\n\n[1]\n')

    assert (done.stdout, done.returncode) == ("", 65)
    assert "3 lines" in done.stderr


def test_hostile_json_lines_make_no_traceback(folder):
    line = {
        "at": 1e300,
        "agent": "\x1b[2J" * 3,
        "name": [1],
        "trace_id": 0,
        "model": {"x": 1},
        "duration_ms": "x",
        "input_tokens": True,
    }
    done = verb(folder, "observe", "-", stdin=json.dumps(line) + "\n")

    assert done.stderr == ""
    assert done.returncode == 0
    assert "\x1b" not in done.stdout


def test_otlp_lines_are_whole_spans_and_their_invocations(folder):
    done = verb(folder, "observe", "-o", "otlp")

    spans = [
        json.loads(line)["resourceSpans"][0]["scopeSpans"][0]["spans"][0] for line in done.stdout.splitlines()
    ]
    assert [s["traceId"][:2] for s in spans] == ["a1", "a1", "b2", "a3"]
    assert {"key": "gen_ai.request.model", "value": {"stringValue": "gpt-4o"}} in spans[0]["attributes"]


def test_following_prints_what_is_told_from_now_on(folder, tmp_path):
    following = subprocess.Popen(
        [sys.executable, "-m", "hexr_autoinst.cli", "observe", "-f", "--agent", "writer", "--last", "1", "-o", "json"],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(folder),
    )  # fmt: skip
    try:
        assert json.loads(following.stdout.readline())["model"] == "gpt-4o-mini"
        from hexr_autoinst.export.store import StoreExporter

        exporter = StoreExporter(tmp_path / "store" / "spans.db", 64, 7)
        exporter.export(
            [
                span(9, 9, agent="analyst", start=BEFORE),
                span(9, 10, agent="writer", model="new", start=BEFORE),
            ]
        )
        assert json.loads(following.stdout.readline())["model"] == "new"
        exporter.shutdown()
    finally:
        following.send_signal(signal.SIGINT)
        _, errors = following.communicate(timeout=10)
    assert (following.returncode, errors) == (130, "")


def test_no_store_says_what_to_do(tmp_path):
    done = verb(tmp_path, "observe")

    assert done.returncode == 3
    assert "sudo hexr-autoinst start" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_store_of_others_is_one_sentence(folder):
    if os.geteuid() != 0:
        pytest.skip("needs root to become another user")
    (folder / "store").chmod(0o700)
    code = f"""
import os, sys
sys.path.insert(0, {str(ROOT)!r})
import hexr_autoinst.export.sqlite_reader, hexr_autoinst.config, hexr_autoinst.cli.observe
from hexr_autoinst.cli import build_parser, main
build_parser(["observe"])  # loads what a user without access to this interpreter could not
os.environ["HEXR_STATE_DIR"] = {str(folder)!r}
os.environ["HEXR_CONFIG"] = os.devnull
os.setgroups([]); os.setgid(65534); os.setuid(65534)
raise SystemExit(main(["observe"]))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 77, done.stderr
    assert "sudo" in done.stderr
    assert "group" in done.stderr


def test_an_age_that_is_none_is_a_usage_error(folder):
    done = verb(folder, "observe", "--since", "yesterday")

    assert (done.returncode, done.stdout) == (64, "")
    assert "10m" in done.stderr


def test_ascii_terminals_get_ascii(folder):
    done = verb(folder, "observe", PYTHONUTF8="0", PYTHONIOENCODING="ascii")

    assert "1,200 -> 45" in done.stdout
    assert done.stdout.isascii()


def test_color_only_where_it_is_wanted():
    line = {"at": BEFORE, "agent": "a", "name": "n", "trace_id": "t", "error": "429"}

    assert "\x1b[31m429" in observe.compact(line, color=True)
    assert "\x1b" not in observe.compact(line)


def test_a_line_of_another_day_says_the_day():
    assert observe.compact({"at": BEFORE - 5 * 86_400_000 * MS}).startswith("20")


def test_filters_of_a_line_are_those_of_the_store():
    line = {"at": 10, "agent": "writer", "model": None, "error": None}

    assert observe.matches(line, Query())
    assert not observe.matches(line, Query(since_ns=11))
    assert not observe.matches(line, Query(model="gpt*"))
    assert not observe.matches(line, Query(errors=True))


def test_a_call_between_agents_goes_by_its_title_and_a_model_call_by_its_model():
    assert "send to worker" in observe.compact({"at": BEFORE, "name": "n", "title": "send to worker"})
    assert "gpt-4o" in observe.compact({"at": BEFORE, "name": "n", "model": "gpt-4o", "title": None})
