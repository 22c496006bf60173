from dataclasses import replace

import pytest

from hexr_autoinst.model.facts import Address
from hexr_autoinst.model.operation import Failure
from hexr_autoinst.model.story import Placed
from hexr_autoinst.semconv import names
from hexr_autoinst.semconv.talk import events, talk_attributes, target_agent
from tests.semconv.told_for_tests import AGENT, MS, PLACE, SEND, SERVED, T0, TALK, TOOL


def told(call, exchange=TALK, **more):
    return Placed(AGENT, PLACE, exchange, call, seen_by=("ebpf",), **more)


def attributes(call, exchange=TALK, **more):
    return dict(talk_attributes(told(call, exchange, **more), call))


CAPTURE = {
    "hexr.capture.source": "ebpf",
    "hexr.capture.seen_by": ("ebpf",),
    "hexr.capture.complete": True,
    "http.response.status_code": 200,
}


def test_a_tool_that_is_called_bears_the_contracts_words_and_the_conventions():
    assert attributes(replace(TOOL, arguments=None, result=None), join="k" * 32) == {
        **CAPTURE,
        "hexr.exchange.id": "xid",
        "hexr.join.key": "k" * 32,
        "mcp.method.name": "tools/call",
        "mcp.session.id": "s-1",
        "mcp.protocol.version": "2025-11-25",
        "jsonrpc.request.id": "7",
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": "read",
        "gen_ai.conversation.id": "conv",
        "tool_name": "read",
        "arguments": ("path", "lines"),
        "network.transport": "tcp",
        "network.protocol.name": "http",
        "network.protocol.version": "1.1",
        "server.address": "10.0.0.9",
        "server.port": 8000,
    }


def test_arguments_and_result_are_told_where_content_may_be():
    found = attributes(TOOL)

    assert (found["arguments"], found["gen_ai.tool.call.arguments"]) == ('{"path":"a"}',) * 2
    assert found["gen_ai.tool.call.result"] == '{"ok":1}'
    other = attributes(replace(SEND, arguments="[1]", result="[2]"))
    assert (other["hexr.call.arguments"], other["hexr.call.result"]) == ("[1]", "[2]")


def test_a_message_that_is_sent():
    assert attributes(SEND) == {
        **CAPTURE,
        "hexr.exchange.id": "xid",
        "a2a.method.name": "SendStreamingMessage",
        "a2a.message.id": "m-1",
        "hexr.a2a.stated_source": "claimed",
        "a2a.task.id": "t-1",
        "a2a.task.state": "TASK_STATE_INPUT_REQUIRED",
        "task_id": "t-1",
        "task_state": "input_required",
        "target_agent": "10.0.0.9:8000",
        "hexr.a2a.events": 3,
        "jsonrpc.request.id": "r-1",
        "gen_ai.conversation.id": "ctx",
        "server.address": "10.0.0.9",
        "server.port": 8000,
    }


def test_the_end_that_is_called_says_who_has_called():
    found = attributes(SEND, SERVED, other="boss")

    assert found["source_agent"] == "boss"
    assert (found["client.address"], found["client.port"]) == ("10.0.0.1", 40000)
    assert found["gen_ai.agent.name"] == "analyst"
    assert not {"target_agent", "server.address", "server.port"} & found.keys()
    assert "source_agent" not in attributes(SEND, SERVED)
    assert attributes(SEND, SERVED)["hexr.a2a.stated_source"] == "claimed"
    assert attributes(TOOL, SERVED, other="boss")["source_agent"] == "boss"


def test_a_pipes_end_is_no_address():
    piped = replace(SERVED, peer=Address("pipe:77", 0))

    assert not {"client.address", "client.port"} & attributes(TOOL, piped).keys()


@pytest.mark.parametrize(
    ("facts", "other", "expected"),
    [
        ((("agent.name", "Card"),), "worker", "Card"),
        ((), "worker", "worker"),
        ((), "", "10.0.0.9:8000"),
    ],
)
def test_the_card_names_an_agent_then_its_process_then_where_it_is(facts, other, expected):
    call = replace(SEND, facts=facts)

    assert (
        expected
        == target_agent(told(call, other=other), call)
        == attributes(call, other=other)["target_agent"]
    )


def test_prompts_have_a_target_of_another_name_and_are_no_tools():
    found = attributes(replace(TOOL, method="prompts/get", operation="prompts/get", target="greet", facts=()))

    assert found["gen_ai.prompt.name"] == "greet"
    assert not {"tool_name", "gen_ai.operation.name", "gen_ai.tool.call.arguments"} & found.keys()


def test_what_happened_within_is_told_with_its_time():
    (state,), (progress,) = events(SEND), events(TOOL)

    assert (state.name, state.timestamp) == ("hexr.a2a.task_state", T0 + 60 * MS)
    assert dict(state.attributes) == {"task_state": "working", "a2a.task.state": "TASK_STATE_WORKING"}
    assert (progress.name, dict(progress.attributes)) == (
        "hexr.mcp.notifications/progress",
        {"hexr.mcp.progress": 0.5},
    )


def test_a_failure_is_named_and_a_failed_task_is_none():
    assert attributes(replace(SEND, failure=Failure("-32001")))["error.type"] == "-32001"
    assert "error.type" not in attributes(replace(SEND, facts=(("a2a.state", "failed"),)))


def test_an_entry_of_a_recording_is_told_in_the_ids_place():
    assert attributes(SEND, replace(TALK, entry="rec-7"))["hexr.exchange.id"] == "rec-7"


def test_no_path_is_told():
    assert "secret-path" not in str(attributes(TOOL)) + str(attributes(SEND, SERVED))


def test_every_neutral_name_has_keys():
    assert all(keys and all(isinstance(k, str) for k in keys) for keys in names.AGENT_FACTS.values())
