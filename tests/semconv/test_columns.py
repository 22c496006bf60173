import pytest

from hexr_autoinst.semconv.columns import columns, cost, did, family, is_tool_call, is_unanswered, title


def test_the_request_names_the_model_and_the_answer_stands_in():
    both = {"gen_ai.request.model": "gpt-4o", "gen_ai.response.model": "gpt-4o-2024"}

    assert columns(both, {}).model == "gpt-4o"
    assert columns({"gen_ai.response.model": "gpt-4o-2024"}, {}).model == "gpt-4o-2024"


def test_what_is_not_said_is_none_and_a_span_is_complete_unless_said_otherwise():
    found = columns({}, {})

    assert (found.model, found.input_tokens, found.first_chunk_s, found.agent) == (None, None, None, "")
    assert found.complete is True
    assert columns({"hexr.capture.complete": False}, {}).complete is False


def test_values_of_the_wrong_kind_are_not_taken():
    found = columns({"gen_ai.usage.input_tokens": "many", "gen_ai.response.time_to_first_chunk": True}, {})

    assert (found.input_tokens, found.first_chunk_s) == (None, None)


def test_lists_become_text():
    assert columns({"gen_ai.response.finish_reasons": ("stop", "length")}, {}).finish == "stop, length"


def test_the_agent_is_the_resources():
    found = columns({}, {"service.name": "a", "service.namespace": "t", "hexr.agent.framework": "crewai"})

    assert (found.agent, found.tenant, found.framework) == ("a", "t", "crewai")


def test_every_attribute_has_a_family():
    assert [family(k) for k in ("gen_ai.request.model", "hexr.exchange.id", "server.port", "cat")] == [
        "Call", "Observed", "Connection", "More",
    ]  # fmt: skip


def test_the_agent_at_the_other_end_is_the_one_asked_or_the_one_that_asks():
    assert columns({"target_agent": "a"}, {}).peer == "a"
    assert columns({"source_agent": "b"}, {}).peer == "b"
    assert columns({}, {}).peer is None


@pytest.mark.parametrize(
    ("name", "attributes", "expected"),
    [
        ("hexr.gateway.call", {"mcp.method.name": "tools/call", "tool_name": "add"}, "add"),
        ("prompts/get greet", {"mcp.method.name": "prompts/get", "gen_ai.prompt.name": "greet"}, "greet"),
        ("hexr.mcp.tools/list", {"mcp.method.name": "tools/list"}, "tools/list"),
        ("hexr.a2a.client.send", {"a2a.method.name": "SendMessage", "target_agent": "A"}, "send to A"),
        ("hexr.a2a.bridge.execute", {"a2a.method.name": "SendMessage", "source_agent": "B"}, "execute for B"),
        ("hexr.a2a.bridge.get_task", {"a2a.method.name": "GetTask"}, "get task"),
        ("hexr.llm.chat", {"gen_ai.request.model": "m"}, None),
        ("hexr.tool.invoke", {"service": "aws_dynamodb", "rpc.method": "GetItem"}, "aws_dynamodb GetItem"),
        ("execute_tool aws_s3", {"service": "aws_s3"}, "aws_s3"),
        (
            "hexr.credential.exchange",
            {"provider": "aws", "hexr.credential.operation": "AssumeRole"},
            "aws AssumeRole",
        ),
        ("hexr.vault.get", {"path": "agents/db"}, "get agents/db"),
        ("hexr.vault.lookup", {}, "lookup"),
        ("hexr.cache.lookup", {"db.operation.name": "MGET", "tier": "L2", "hit": False}, "MGET L2 miss"),
        ("hexr.cache.lookup", {"service": "aws", "tier": "L1", "hit": True}, "aws L1 hit"),
    ],
)
def test_a_call_between_agents_has_a_title(name, attributes, expected):
    assert expected == title(name, attributes)


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"gen_ai.tool.name": "search", "gen_ai.tool.type": "function"}, "tool search"),
        ({"gen_ai.tool.name": "s3", "gen_ai.tool.type": "extension"}, None),
        ({"language": "bash", "process.pid": 7}, "run bash"),
        ({"language": "bash"}, None),
    ],
)
def test_what_an_agent_had_done_has_a_title(attributes, expected):
    assert title("hexr.tool.invoke", attributes) == expected


def test_a_tool_call_is_counted_at_one_of_its_spans():
    assert is_tool_call("INTERNAL", "read", {})
    assert is_tool_call("CLIENT", "read", {})
    assert not is_tool_call("SERVER", "read", {})
    assert not is_tool_call("CLIENT", "read", {"hexr.tool.within": True})
    assert not is_tool_call("INTERNAL", None, {})


def test_what_an_invocation_adds_up_to():
    said = {"hexr.agent.model_calls": 3, "hexr.agent.tool_calls": 0, "hexr.agent.cost_usd": 0.5}

    assert (did(said), cost(said)) == ((3, 0), 0.5)
    assert (did({}), cost({}), cost({"hexr.llm.cost_usd": 0.1})) == ((None, None), None, 0.1)
    assert is_unanswered({"hexr.capture.missing": ("unanswered",)})
    assert not is_unanswered({"hexr.capture.missing": ("truncated:response",)})
