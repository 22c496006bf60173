from hexr_autoinst.correlate.lineage import Turns
from hexr_autoinst.correlate.standing import Standing
from hexr_autoinst.correlate.strands import Strand
from hexr_autoinst.correlate.telling import first_within, noticed
from hexr_autoinst.correlate.windows import opened
from hexr_autoinst.model.operation import Thread, ToolCall
from hexr_autoinst.model.story import FINDINGS
from tests.correlate.play import KEY, RULES, at, exchange, talk
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


def test_what_is_no_conversation_shows_nothing():
    assert noticed(standing(), exchange(), wants("t"), frozenset(FINDINGS)) == ((), [])
    assert noticed(
        standing(strand=Strand(KEY, {}), thread=Thread()), exchange(), talk(), frozenset(FINDINGS)
    ) == ((), [])
