import json

import pytest

from hexr_autoinst.errors import NoStore, StoreUnreadable
from hexr_autoinst.export.sqlite_reader import SqliteStore
from hexr_autoinst.web import answers
from tests.export.spans_for_tests import MS, NOW, invocation, span


@pytest.fixture
def filled(store, tmp_path):
    store.export(
        [
            span(1, 2, 1, start=NOW + MS, attributes={"big": (1 << 60) + 1}),
            invocation(1, 1, start=NOW, ms=2_000),
        ]
    )
    return SqliteStore(tmp_path / "state" / "store" / "spans.db")


@pytest.mark.parametrize(
    "asked",
    [
        {"since": "x"},
        {"since": "-1"},
        {"since": "nan"},
        {"since": "1e300"},
        {"limit": "many"},
        {"offset": "1.5"},
    ],
)
def test_a_filter_that_is_none_is_an_error(asked):
    with pytest.raises(ValueError):
        answers.query(asked, NOW)


def test_filters_are_bounded():
    found = answers.query(
        {"limit": "9999", "offset": "-4", "q": "x" * 5_000, "since": "60", "errors": "yes"}, NOW
    )

    assert (found.limit, found.offset, len(found.text), found.errors) == (200, 0, 200, False)
    assert found.since_ns == NOW - 60_000 * MS


def test_one_trace_is_placed_on_its_own_axis(filled):
    found = answers.trace(filled, f"{1:032x}")

    root, call = found["spans"]
    assert (root["start_us"], root["kind_of"], root["duration_us"]) == (0, "agent", 2_000_000)
    assert (call["start_us"], call["first_us"], call["parent"]) == (1_000, 250_000, root["id"])
    assert found["duration_us"] == 2_000_000
    assert answers.trace(filled, "f" * 32) is None


def test_a_number_beyond_a_browsers_keeps_its_digits(filled):
    found = answers.span(filled, f"{1:032x}", f"{2:016x}")

    groups = {g["title"]: dict(g["pairs"]) for g in found["attributes"]}
    assert groups["More"]["big"] == str((1 << 60) + 1)
    assert groups["Call"]["gen_ai.request.model"] == "gpt-4o"
    assert json.dumps(found)


def test_there_are_more_traces_than_are_shown(store, filled):
    store.export([span(n, 2) for n in range(10, 20)])

    found = answers.overview(filled, answers.query({"limit": "5"}, NOW), NOW)
    assert (len(found["traces"]), found["more"]) == (5, True)
    assert answers.overview(filled, answers.query({}, NOW), NOW)["more"] is False


def test_the_daemon_is_alive_while_it_speaks(store, filled):
    store.put_health({"account": {}})
    at = filled.health()["at"]

    assert answers.overview(filled, answers.query({}, at), at + answers.SILENCE_NS - 1)["alive"] is True
    assert answers.overview(filled, answers.query({}, at), at + answers.SILENCE_NS)["alive"] is False


@pytest.mark.parametrize(("error", "state"), [(NoStore, "absent"), (StoreUnreadable, "error")])
def test_a_store_that_cannot_be_read_is_a_state(filled, monkeypatch, error, state, tmp_path):
    def fail(*_):
        raise error(path="/p")

    monkeypatch.setattr(SqliteStore, "_rows", fail)
    found = answers.overview(filled, answers.query({}, NOW), NOW, "/p")

    assert (found["store"]["state"], found["store"]["path"], found["traces"]) == (state, "/p", [])
    assert answers.seen(filled, tmp_path, NOW)["store"]["state"] == state


@pytest.mark.parametrize("text", ["", "[1]", "{", "[" * 100_000, "\xff"])
def test_a_status_file_that_is_none_is_nothing(tmp_path, text):
    (tmp_path / "camera.json").write_text(text, encoding="latin-1")

    assert answers.status(tmp_path / "camera.json") is None
