import json

import pytest

from hexr_autoinst.cli import traces
from tests.cli.store_for_tests import fill, verb

A1, A3, B2 = "a1" + "0" * 30, "a3" + "0" * 30, "b2" + "0" * 30


@pytest.fixture
def folder(tmp_path):
    exporter = fill(tmp_path)
    yield tmp_path
    exporter.shutdown()


def test_a_list_has_a_head_and_a_line_for_each_trace(folder):
    done = verb(folder, "traces", "list", COLUMNS="120")

    head, *lines = done.stdout.splitlines()
    assert head.split() == ["TRACE", "AGE", "AGENT", "MODEL", "TOKENS", "FIRST", "TOOK", "ERRORS"]
    assert [line.split()[0] for line in lines] == [A3[:8], B2[:8], A1[:8]]
    assert lines[1].endswith("1 429")
    assert "1,200 → 45" in lines[2]
    assert max(map(len, lines)) <= 120


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        (["--errors"], [B2]),
        (["--agent", "ana*"], [A1]),
        (["--model", "gpt*"], [A3, A1]),
        (["--limit", "1"], [A3]),
        (["--since", "40m"], [A3]),
        (["--agent", "x"], []),
    ],
)
def test_filters(folder, words, ids):
    done = verb(folder, "traces", "list", "-o", "json", *words)

    assert [json.loads(line)["trace_id"] for line in done.stdout.splitlines()] == ids
    assert done.returncode == 0


def test_nothing_found_is_said(folder):
    assert "doctor" in verb(folder, "traces", "list", "--agent", "x").stderr


def test_show_draws_the_tree(folder):
    done = verb(folder, "traces", "show", "a1", COLUMNS="140")

    head, root, call = done.stdout.splitlines()
    assert head.startswith(A1)
    assert "1 model call, 1,200 → 45 tokens" in head
    assert root.startswith("analyst (process)")
    assert call.startswith("└─ gpt-4o chat")
    assert call.split("chat")[1].split()[1:] == [
        "1.50",
        "s",
        "1,200",
        "→",
        "45",
        "first",
        "250",
        "ms",
        "stop",
    ]


def test_show_as_json_is_every_span_whole(folder):
    done = verb(folder, "traces", "show", A1, "-o", "json")

    root, call = map(json.loads, done.stdout.splitlines())
    assert call["parent_id"] == root["span_id"]
    assert call["attributes"]["gen_ai.request.model"] == "gpt-4o"


@pytest.mark.parametrize(
    ("prefix", "code", "said"),
    [
        ("a", 65, "2 or more"),
        ("ff", 65, "no trace ff"),
        ("xyz", 64, "no trace id"),
        ("", 64, "no trace id"),
        ("A1", 0, ""),
        ("%", 64, "no trace id"),
    ],
)
def test_an_id_that_names_no_one_trace_is_one_sentence(folder, prefix, code, said):
    done = verb(folder, "traces", "show", prefix)

    assert done.returncode == code
    assert said in done.stderr
    assert len(done.stderr.splitlines()) <= 1


def test_ascii_terminals_get_ascii(folder):
    shown = verb(folder, "traces", "show", "a1", PYTHONUTF8="0", PYTHONIOENCODING="ascii").stdout
    listed = verb(folder, "traces", "list", PYTHONUTF8="0", PYTHONIOENCODING="ascii").stdout

    assert shown.isascii()
    assert listed.isascii()
    assert "`- gpt-4o" in shown


def test_ids_are_as_long_as_tells_them_apart():
    assert traces.shortest(["a" * 32, "b" * 32]) == 8
    assert traces.shortest(["a" * 20 + "b" * 12, "a" * 20 + "c" * 12]) == 21
    assert traces.shortest([]) == 8
