import pytest

from hexr_autoinst.dissect.dialects.gemini_interactions import GEMINI_AGENTS, GEMINI_INTERACTIONS
from hexr_autoinst.model.operation import Failure, Usage
from tests.dissect.dialects.asking import call


def step(index, **delta):
    return {"event_type": "step.delta", "index": index, "delta": delta}


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        ({"event_type": "step.start", "index": 0, "step": {"type": "model_output"}}, 0),
        ({"event_type": "step.start", "index": 0, "step": {"type": "function_call", "name": "f"}}, 1),
        (step(0, type="text", text="x"), 1),
        (step(0, type="text", text=""), 0),
        (step(0, type="thought_summary", content={"text": "x"}), 1),
        (step(0, type="thought_signature", signature="AA"), 0),
        (step(0, type="image", data="AA"), 1),
        (step(0, type="arguments_delta", arguments="{}"), 0),  # of no call that has begun
        ({"event_type": "interaction.status_update", "status": "in_progress"}, 0),
    ],
)
def test_only_an_event_with_output_is_an_output_frame(frame, expected):
    assert expected == call(GEMINI_INTERACTIONS, {}, frame).output_chunks


@pytest.mark.parametrize("status", ["in_progress", "queued"])
def test_an_interaction_that_goes_on_has_no_finish_reason(status):
    assert call(GEMINI_INTERACTIONS, {}, whole={"id": "i", "status": status}).finish_reasons == ()


def test_a_failed_one_is_an_error_by_its_own_code_or_none():
    failed = {"id": "i", "status": "failed"}

    assert call(GEMINI_INTERACTIONS, {}, whole=failed).failure == Failure("_OTHER")
    found = call(GEMINI_INTERACTIONS, {}, whole={**failed, "errors": [{"code": "quota", "message": "m"}]})
    assert found.failure == Failure("quota")
    assert found.finish_reasons == ("failed",)


def test_a_refused_request_is_an_error_by_its_status():
    refused = {"error": {"code": 400, "status": "INVALID_ARGUMENT", "message": "m"}}

    assert call(GEMINI_INTERACTIONS, {}, whole=refused, status=400).failure == Failure("INVALID_ARGUMENT")


def test_the_older_version_has_outputs():
    outputs = [
        {"type": "text", "text": "x"},
        {"type": "function_call", "id": "c", "name": "f", "arguments": {"a": 1}},
        {"type": "code_execution_call", "id": "d"},
    ]
    found = call(
        GEMINI_INTERACTIONS, {}, whole={"status": "requires_action", "outputs": outputs}, content=True
    )

    assert [(t.name, t.arguments) for t in found.tool_calls] == [("f", '{"a": 1}')]
    assert '"content": "x"' in found.content.output_messages


def test_usage_that_comes_with_a_status_is_told():
    frames = [
        {"event_type": "interaction.status_update", "status": "completed", "usage": {"total_input_tokens": 2}}
    ]

    assert call(GEMINI_INTERACTIONS, {}, *frames).usage == Usage(2)


def test_an_agent_is_known_by_its_name():
    assert GEMINI_AGENTS.shaped({"agent": "a", "input": "x"})
    assert not GEMINI_AGENTS.shaped({"model": "a", "input": "x"})
    assert GEMINI_INTERACTIONS.shaped({"model": "a", "input": "x"})
    assert not GEMINI_INTERACTIONS.shaped({"model": "a"})


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"response_format": [{"type": "audio"}]}, "speech"),
        ({"response_modalities": ["image"]}, "image"),
        ({"response_mime_type": "text/plain"}, "text"),
        ({}, None),
    ],
)
def test_what_is_wanted_is_told_in_the_conventions_words(body, expected):
    assert expected == GEMINI_INTERACTIONS.ask(body, False).sampling.output_type
