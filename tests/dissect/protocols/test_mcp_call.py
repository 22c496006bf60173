import pytest

from hexr_autoinst.dissect.protocols.jsonrpc import Message, messages
from hexr_autoinst.dissect.protocols.mcp_call import Outcome, happened, joined, opened, told
from hexr_autoinst.model.operation import Failure
from tests.dissect.protocols.asking import exchange, rpc

SESSION = "1868a90c-7d2e-4b5f-9c4e-3a2b1c0d9e8f"


def call(method="tools/call", params=None, *, id_=1, content=False):
    (message,) = messages(rpc(id_, method, params or {}))
    return opened(exchange(), message, backwards=False, content=content)


def end(one, **answer):
    return told(one, Outcome(5_000, Message(1, **answer)), {})[1]


@pytest.mark.parametrize(
    ("method", "params", "target", "facts"),
    [
        (
            "tools/call",
            {"name": "add", "arguments": {"b": 1, "a": 2}},
            "add",
            {"tool": "add", "tool.argument_keys": ("b", "a")},
        ),
        ("prompts/get", {"name": "review"}, "review", {"prompt": "review"}),
        ("resources/read", {"uri": "config://app"}, None, {"resource": "config://app"}),
        ("completion/complete", {"ref": {"type": "ref/prompt", "name": "p"}}, "p", {"prompt": "p"}),
        ("completion/complete", {"ref": {"type": "ref/resource", "uri": "u"}}, None, {"resource": "u"}),
        ("tools/call", {"name": 7, "arguments": "x"}, None, {}),
    ],
)
def test_what_a_request_says(method, params, target, facts):
    one = call(method, params)

    assert one.asked().target == target
    assert facts.items() <= {k: v for k, v in one.facts.items() if v is not None}.items()


@pytest.mark.parametrize(
    ("answer", "failure", "code"),
    [
        ({"error": {"code": 0, "message": "x"}}, "0", "0"),
        ({"error": {}}, "_OTHER", None),
        ({"result": {"isError": True}}, "tool_error", None),
        ({"result": {"isError": "yes"}}, None, None),
        ({"result": None}, None, None),
    ],
)
def test_what_an_answer_makes_of_it(answer, failure, code):
    done = end(call(), **answer)

    assert (done.failure.type if done.failure else None, dict(done.facts).get("rpc.status")) == (
        failure,
        code,
    )
    assert done.ended


def test_a_message_of_an_error_is_content():
    error = {"code": 1, "message": "no such city: Paris"}

    assert end(call(), error=error).failure == Failure("1")
    assert end(call(content=True), error=error).failure == Failure("1", "no such city: Paris")


def test_arguments_and_result_are_content():
    params, result = {"name": "add", "arguments": {"a": 1}}, {"content": [5]}

    quiet, kept = (
        end(call(params=params), result=result),
        end(call(params=params, content=True), result=result),
    )
    assert (quiet.arguments, quiet.result) == (None, None)
    assert (kept.arguments, kept.result) == ('{"a": 1}', '{"content": [5]}')


def test_a_call_ends_with_its_answer_and_pays_no_facts():
    carried, _ = told(call(), Outcome(5_000, Message(1, result={})), {})

    assert (carried.ended, carried.response.status, carried.facts) == (5_000, 0, 0)


def test_moments_are_bounded():
    one = call()
    for at in range(500):
        happened(
            one, Message(method="notifications/progress", params={"progress": at, "message": "secret"}), at
        )

    assert len(one.moments) == 64
    assert "secret" not in repr(one.moments)


def test_a_session_joins_where_it_was_drawn_at_random_and_ids_keep_their_type():
    assert joined(call(), SESSION) == (SESSION, "forwards", "number", "1")
    assert joined(call(id_="1"), SESSION) == (SESSION, "forwards", "text", "1")
    assert joined(call(), "session-1") == ()
    assert joined(call(), None) == ()
