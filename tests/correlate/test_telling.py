from dataclasses import replace

import pytest

from hexr_autoinst.correlate.lineage import Turns
from hexr_autoinst.correlate.standing import Standing
from hexr_autoinst.correlate.strands import Strand
from hexr_autoinst.correlate.telling import first_within, noticed
from hexr_autoinst.correlate.windows import opened
from hexr_autoinst.model.operation import Failure, Thread, ToolCall, Usage
from hexr_autoinst.model.story import FINDINGS
from tests.correlate.play import KEY, RULES, at, call, exchange, talk
from tests.correlate.test_conversations import wants


def standing(**more):
    turn = Turns(RULES).begin(KEY, exchange())
    return Standing(turn, "b" * 16, turn.under, **more)


def test_only_the_first_call_that_carries_out_a_tool_is_counted_in_its_place():
    outer = standing()
    (window,) = opened(outer, (ToolCall("read", "x"),), at(1))

    assert first_within(standing()) is None
    assert first_within(standing(window=window)) == "read"
    assert first_within(standing(window=window)) == ""


def test_what_is_noticed_of_an_invocation_is_kept_within_bounds_on_it():
    where = standing(strand=Strand(KEY, {}), thread=Thread())
    same = wants(ToolCall("t", None, digest=b"d"))
    found = [noticed(where, exchange(), same, frozenset(FINDINGS)) for _ in range(12)]

    assert [m for moments, _ in found for m in moments] == []
    assert [n.kind for _, some in found for n in some] == ["loop"] * 3
    assert [m.name for m in where.turn.moments] == ["loop"] * 3
    where.turn.moments += where.turn.moments * 40
    noticed(where, exchange(), same, frozenset(FINDINGS))
    assert len(where.turn.moments) < 130


def used(tokens, cached):
    return replace(call(), usage=Usage(tokens, 1, cache_read=cached))


def troubled(kinds):
    """A conversation that shows each kind once: the names of what is found, and of what is told as events."""
    strand = Strand(KEY, {})
    same, failed = wants(ToolCall("t", None, digest=b"d")), call(failure=Failure("429"))
    kept, lost = used(20_000, 15_000), used(21_000, 0)
    found, told = [], []
    for one in (same, same, same, *[failed] * 4, kept, lost, replace(used(99, 0), window=100)):
        where = standing(strand=strand, thread=Thread(history=(b"one",)))
        on_call, some = noticed(where, exchange(), one, frozenset(kinds))
        found += [n.kind for n in some]
        told += [m.name for m in (*on_call, *where.turn.moments)]
    return sorted(found), sorted(told)


@pytest.mark.parametrize("off", [None, *FINDINGS])
def test_each_kind_can_be_turned_off(off):
    left = sorted(set(FINDINGS) - {off})

    assert troubled(left) == (left, left)


def test_what_is_no_conversation_shows_nothing():
    assert noticed(standing(), exchange(), wants("t"), frozenset(FINDINGS)) == ((), [])
    assert noticed(
        standing(strand=Strand(KEY, {}), thread=Thread()), exchange(), talk(), frozenset(FINDINGS)
    ) == ((), [])
