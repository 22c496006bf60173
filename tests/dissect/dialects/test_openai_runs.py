import pytest

from hexr_autoinst.dissect.dialects.openai_runs import OPENAI_RUN_SEEN, OPENAI_RUNS
from tests.dissect.dialects.asking import call

WANTED = {
    "submit_tool_outputs": {"tool_calls": [{"id": "call_1", "function": {"name": "f", "arguments": "{}"}}]}
}


def run(status, **more):
    return {
        "id": "run_1",
        "object": "thread.run",
        "thread_id": "thread_1",
        "assistant_id": "asst_1",
        "model": "m",
        "status": status,
        **more,
    }


@pytest.mark.parametrize(
    ("value", "finish", "failure"),
    [
        (run("completed"), ("stop",), None),
        (run("requires_action", required_action=WANTED), ("tool_call",), None),
        (run("incomplete", incomplete_details={"reason": "max_prompt_tokens"}), ("max_prompt_tokens",), None),
        (run("failed", last_error={"code": "rate_limit_exceeded"}), ("error",), "rate_limit_exceeded"),
        (run("expired"), ("error",), "expired"),
        (run("cancelled"), (), None),
    ],
)
def test_a_run_that_has_come_to_an_end_is_told_when_it_is_looked_at(value, finish, failure):
    found = call(OPENAI_RUN_SEEN, None, whole=value)

    assert (finish, failure) == (found.finish_reasons, found.failure and found.failure.type)
    assert (found.fetched, found.conversation, found.operation) == (True, "thread_1", "invoke_agent")


@pytest.mark.parametrize("status", ["queued", "in_progress", "cancelling"])
def test_a_look_at_a_run_that_goes_on_means_nothing(status):
    assert call(OPENAI_RUN_SEEN, None, whole=run(status)) is None
    assert call(OPENAI_RUNS, {"assistant_id": "asst_1"}, whole=run(status)).response_id == "run_1"


def test_that_a_run_could_not_be_fetched_is_no_failure_of_a_model():
    assert call(OPENAI_RUN_SEEN, None, whole={"error": {"code": "not_found"}}, status=404) is None


def test_a_streamed_run_tells_its_calls_and_its_text_once():
    found = call(
        OPENAI_RUNS,
        {"assistant_id": "asst_1", "stream": True},
        run("queued"),
        {"object": "thread.message.delta", "delta": {"content": [{"type": "text", "text": {"value": "hi"}}]}},
        {"object": "thread.run.step.delta", "delta": {"step_details": {"type": "tool_calls"}}},
        {"object": "thread.message", "content": [{"type": "text", "text": {"value": "hi"}}]},
        {"object": "thread.run.step", "status": "completed"},
        run("requires_action", required_action=WANTED),
        "[DONE]",
        content=True,
    )

    assert [(t.name, t.id, t.arguments) for t in found.tool_calls] == [("f", "call_1", "{}")]
    assert (found.output_chunks, found.content.output_messages.count('"hi"')) == (2, 1)


def test_the_outputs_of_tools_are_results():
    asked = {"tool_outputs": [{"tool_call_id": "call_1", "output": "x"}, {"output": "y"}]}

    assert call(OPENAI_RUNS, asked, whole=run("queued")).tool_results == ("call_1",)
    assert OPENAI_RUNS.shaped(asked)


def test_what_the_request_brings_is_content_of_the_thread():
    asked = {
        "assistant_id": "a",
        "thread": {"messages": [{"role": "user", "content": "one"}]},
        "additional_messages": [{"role": "user", "content": [{"type": "text", "text": "two"}]}],
        "instructions": "be brief",
        "tools": [{"type": "file_search"}],
    }
    content = call(OPENAI_RUNS, asked, whole=run("queued"), content=True).content

    assert content.input_messages.index("one") < content.input_messages.index("two")
    assert "be brief" in content.system_instructions
    assert '"name": "file_search"' in content.tool_definitions
