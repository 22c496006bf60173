import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hexr_autoinst.correlate.totals import Totals, doing, invokes
from hexr_autoinst.model.operation import ModelCall, ToolCall
from tests.correlate.play import call, talk


def asking(*tools):
    return ModelCall("chat", "chat", "openai", tool_calls=tuple(ToolCall(t) for t in tools))


@pytest.mark.parametrize(
    ("asked", "called", "expected"),
    [
        (("read",), ("read",), 1),
        (("mcp__files__read",), ("read",), 1),
        (("files.read",), ("read",), 1),
        (("spread",), ("read",), 2),  # no border before the name: another tool
        (("read",), ("write",), 2),
        (("read", "read"), ("read",), 2),
        (("read",), ("read", "read"), 2),
        ((), ("read",), 1),
        (("read",), ("",), 2),
    ],
)
def test_a_tool_that_was_asked_for_and_called_is_one(asked, called, expected):
    for order in (1, -1):
        totals = Totals()
        for one in [asking(*asked), *(talk("mcp", target=name) for name in called)][::order]:
            totals.add(one)

        assert expected == totals.tool_calls


def test_what_was_done_for_another_is_that_ones_tool_call():
    totals = Totals()
    totals.add(talk("mcp", target="read"), serves=True)

    assert (totals.told, totals.tool_calls) == (1, 0)


@settings(deadline=None)
@given(st.lists(st.sampled_from("abc")), st.lists(st.sampled_from("abc")))
def test_never_fewer_than_either_nor_more_than_both(asked, called):
    totals = Totals()
    totals.add(asking(*asked))
    for name in called:
        totals.add(talk("mcp", target=name))

    assert max(len(asked), len(called)) <= totals.tool_calls <= len(asked) + len(called)


def test_memory_is_bounded_and_the_count_goes_on():
    totals = Totals()
    for n in range(3000):
        totals.add(asking(f"t{n}"))

    assert totals.tool_calls == 3000
    assert len(totals._asked) <= 1025


def test_sums_are_of_model_calls_and_a_conversation_of_any():
    totals = Totals()
    totals.add(call(1, (10, 5), cost_usd=0.5))
    totals.add(talk(conversation="c"))

    assert (totals.told, totals.model_calls, totals.input_tokens, totals.output_tokens) == (2, 1, 10, 5)
    assert (totals.cost_usd, totals.conversation) == (0.5, "c")


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (talk(), (True, True)),
        (talk(method="GetTask", operation="get_task"), (False, False)),
        (talk(method="SubscribeToTask", operation="subscribe_to_task"), (False, False)),
        (talk("mcp"), (True, True)),
        (talk("mcp", method="prompts/get"), (True, False)),
        (talk("mcp", method="sampling/createMessage"), (True, False)),
        (talk("mcp", method="subscriptions/listen"), (False, False)),
    ],
    ids=lambda x: getattr(x, "method", ""),
)
def test_what_does_something_and_what_invokes(one, expected):
    assert expected == (doing(one), invokes(one))


def test_what_a_tool_does_that_was_asked_for_is_counted_there_whatever_it_is_called():
    totals = Totals()
    totals.add(asking("research", "read"))
    for within in ("research", "", ""):
        totals.add(talk("mcp", target="search"), within=within)
    assert totals.tool_calls == 2

    totals.add(talk("mcp", target="research"))  # by itself, outside of any window: the one asked for is taken
    totals.add(talk("mcp", target="read"))
    assert totals.tool_calls == 3
