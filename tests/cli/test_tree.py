from dataclasses import replace

import pytest

from hexr_autoinst.cli.tree import ASCII, UNICODE, draw
from hexr_autoinst.export.reading import SpanRow

MS = 1_000_000


def row(number, parent=None, start=0, ms=100, **given):
    base = SpanRow(
        seq=number, trace_id="a" * 32, span_id=f"{number:016x}", parent_id=f"{parent:016x}" if parent else None,
        name="hexr.llm.chat", kind="CLIENT", agent="crew", tenant="", start_ns=start * MS, end_ns=(start + ms) * MS,
        status="UNSET", status_text="", operation="chat", model=f"m{number}", provider="openai", tool=None,
        input_tokens=1, output_tokens=2, first_chunk_s=None, finish="stop", error_type=None, boundary=None,
        source="ebpf", complete=True, attributes={}, resource={}, links=[], events=[], scope=[], schema="",
    )  # fmt: skip
    return replace(base, **given)


def names(lines):
    return [line.split(" chat")[0] for line in lines[1:]]


def test_children_stand_under_their_parents_in_their_order():
    spans = [row(1), row(2, 1), row(3, 2), row(4, 1), row(5)]

    assert names(draw(spans, 100)) == ["m1", "├─ m2", "│  └─ m3", "└─ m4", "m5"]


def test_a_parent_that_is_not_here_makes_a_root():
    assert names(draw([row(2, 77)], 100)) == ["m2"]


def test_a_ring_of_parents_is_shown_and_ends():
    assert sorted(names(draw([row(1, 2), row(2, 1), row(3, 3)], 100))) == ["m1", "m2", "m3"]


def test_a_very_deep_trace_stays_on_the_screen():
    lines = draw([row(n, n - 1 or None) for n in range(1, 3_000)], 100)

    assert len(lines) == 3_000
    assert max(map(len, lines)) < 200


@pytest.mark.parametrize(("wide", "signs"), [(True, UNICODE), (False, ASCII)])
def test_a_bar_shows_when_waiting_and_running_were(wide, signs):
    lines = draw([row(1, ms=1_000), row(2, 1, start=500, ms=500, first_chunk_s=0.25)], 160, wide=wide)

    assert signs.run * 40 in lines[1]
    assert signs.rest * 20 + signs.wait * 10 + signs.run * 10 in lines[2]


def test_a_narrow_screen_has_no_bars_and_short_names():
    lines = draw([row(1, model="x" * 90)], 60)

    assert UNICODE.run not in lines[1]
    assert "…" in lines[1]


def test_text_of_the_wire_cannot_drive_the_terminal():
    lines = draw([row(1, model="\x1b[2Jx", status="ERROR", error_type="\x07\u202e")], 100)

    assert not {"\x1b", "\x07", "\u202e"} & set("".join(lines))


def test_an_error_and_what_is_incomplete_are_said():
    lines = draw([row(1, status="ERROR", error_type="429", complete=False)], 100)

    assert lines[1].endswith("429  incomplete")


def test_spans_of_no_time_at_all_are_drawn():
    assert len(draw([row(1, ms=0), row(2, 1, ms=0)], 160)) == 3


def test_a_call_between_agents_goes_by_its_title():
    assert draw([row(1, title="send to worker", provider=None)], 100)[1].startswith("send to worker ")


def test_an_invocation_says_what_it_adds_up_to():
    said = {"hexr.agent.model_calls": 3, "hexr.agent.tool_calls": 1, "hexr.agent.cost_usd": 0.00123}
    root = row(1, boundary="turn", provider=None, finish=None, attributes=said)

    assert draw([root], 100)[1].endswith("3 calls, 1 tool, $0.0012")


def test_a_tool_that_was_never_answered_says_so():
    said = {"hexr.capture.missing": ["unanswered"]}

    assert draw([row(1, complete=False, finish=None, attributes=said)], 100)[1].endswith("unanswered")
