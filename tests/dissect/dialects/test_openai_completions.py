import pytest

from hexr_autoinst.dissect.dialects.openai_completions import OPENAI_COMPLETIONS
from hexr_autoinst.model.operation import Usage
from tests.dissect.dialects.asking import call


def piece(text, index=0, finish=None, **more):
    return {
        "id": "cmpl-1",
        "model": "m",
        "choices": [{"text": text, "index": index, "finish_reason": finish}],
        **more,
    }


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"prompt": "a"}, True),
        ({"prompt": ""}, True),
        ({"prompt": [1, 2]}, True),
        ({"prompt": ["a", "b"]}, True),
        ({"prompt": []}, False),
        ({"prompt": None}, False),
        ({"messages": []}, False),
        ([], False),
    ],
)
def test_a_prompt_is_the_shape(body, expected):
    assert expected is OPENAI_COMPLETIONS.shaped(body)


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [("a", None), ([1, 2, 3], None), (["a"], None), (["a", "b"], 2), ([[1], [2], [3]], 3)],
)
def test_several_prompts_are_counted_and_tokens_are_one(prompt, expected):
    assert expected == dict(call(OPENAI_COMPLETIONS, {"prompt": prompt}).extras).get("inputs")


def test_choices_of_a_stream_are_told_apart():
    found = call(
        OPENAI_COMPLETIONS,
        {"prompt": "x", "n": 2},
        piece("a"),
        piece("b", 1),
        piece("", 1, "length"),
        piece("", 0, "stop"),
        {"id": "cmpl-1", "choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 2}},
        "[DONE]",
        content=True,
    )

    assert (found.finish_reasons, found.usage, found.output_chunks) == (("stop", "length"), Usage(1, 2), 2)
    assert '"content": "a"' in found.content.output_messages
    assert '"content": "x"' in found.content.input_messages


def test_a_filter_that_ends_the_text_is_an_error():
    found = call(OPENAI_COMPLETIONS, {"prompt": "x"}, whole=piece("", finish="content_filter"))

    assert found.failure.type == "content_filter"
    assert dict(found.extras)["guard.output_blocked"] == "content_filter"


def test_an_error_in_a_stream_is_told_with_its_code():
    found = call(
        OPENAI_COMPLETIONS, {"prompt": "x"}, piece("a"), {"error": {"code": "overloaded", "message": "m"}}
    )

    assert found.failure.type == "overloaded"
