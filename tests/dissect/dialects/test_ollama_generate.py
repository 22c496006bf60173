import json

import pytest

from hexr_autoinst.dissect.dialects.ollama_generate import OLLAMA_GENERATE, shaped
from tests.dissect.dialects.asking import call


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"model": "m", "prompt": "x"}, True),
        ({"model": "m"}, True),
        ({"model": "m", "keep_alive": 0}, True),
        ({"model": "m", "prompt": "", "images": ["QQ=="]}, False),
        ({"model": "m", "voice": "v", "text": "x"}, False),
        ({"model": "m", "prompt": ["x"]}, False),
        ({"prompt": "x"}, False),
        ([], False),
    ],
)
def test_a_model_and_maybe_a_prompt(body, expected):
    assert expected is shaped(body)


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        ({"response": "x", "done": False}, 1),
        ({"response": "", "thinking": "x", "done": False}, 1),
        ({"response": "", "done": True, "done_reason": "load"}, 0),
        ({"response": "x"}, 0),
    ],
)
def test_only_a_line_with_output_is_an_output_frame(frame, expected):
    assert expected == call(OLLAMA_GENERATE, {}, frame).output_chunks


def test_thinking_and_text_of_one_line_are_both_told():
    said = {"model": "m", "response": "yes", "thinking": "hm", "done": True}
    found = call(OLLAMA_GENERATE, {"prompt": "x"}, whole=said, content=True)

    assert json.loads(found.content.output_messages)[0]["parts"] == [
        {"type": "reasoning", "content": "hm"},
        {"type": "text", "content": "yes"},
    ]
