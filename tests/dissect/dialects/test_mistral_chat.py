import json

import pytest

from hexr_autoinst.dissect.dialects.mistral_chat import MISTRAL_CHAT, MISTRAL_FIM
from tests.dissect.dialects.asking import call


def delta(content, **more):
    return {"id": "c", "model": "m", "choices": [{"index": 0, "delta": {"content": content, **more}}]}


THOUGHT = [{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("x", 1),
        ("", 0),
        (THOUGHT, 1),
        ([{"type": "text", "text": "x"}], 1),
        ([{"type": "thinking", "thinking": []}], 0),
    ],
)
def test_a_thought_is_output(content, expected):
    assert expected == call(MISTRAL_CHAT, {}, delta(content)).output_chunks


def test_a_thought_is_no_text():
    found = call(
        MISTRAL_CHAT,
        {},
        delta(THOUGHT),
        delta([*THOUGHT, {"type": "text", "text": "ye"}]),
        delta("s"),
        content=True,
    )

    assert json.loads(found.content.output_messages)[0]["parts"] == [
        {"type": "reasoning", "content": "hmhm"},
        {"type": "text", "content": "yes"},
    ]


def test_the_seed_has_a_name_of_its_own_and_an_agent_answers_for_a_model():
    found = call(MISTRAL_CHAT, {"agent_id": "ag", "random_seed": 3, "seed": 4}, whole={"id": "c"})

    assert (found.sampling.seed, dict(found.extras)["agent.id"], found.request_model) == (3, "ag", None)


@pytest.mark.parametrize(("seconds", "expected"), [(9, 9), (None, None), ({}, None)])
def test_what_was_heard_is_counted_in_seconds(seconds, expected):
    found = call(
        MISTRAL_CHAT, {}, whole={"id": "c", "usage": {"prompt_tokens": 1, "prompt_audio_seconds": seconds}}
    )

    assert expected == dict(found.extras).get("audio.seconds")
    assert found.usage.input == 1


def test_fill_in_the_middle_has_a_prompt_and_a_message():
    whole = {"id": "f", "choices": [{"index": 0, "message": {"role": "assistant", "content": "a"}}]}
    found = call(MISTRAL_FIM, {"prompt": "def f(", "suffix": "x"}, whole=whole, content=True)

    assert (found.kind, found.operation, found.extras) == ("completion", "text_completion", ())
    assert json.loads(found.content.input_messages)[0]["parts"] == [{"type": "text", "content": "def f("}]
    assert call(MISTRAL_FIM, None, whole=whole, content=True).content.input_messages is None
