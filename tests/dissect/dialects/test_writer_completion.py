import json

import pytest

from hexr_autoinst.dissect.dialects.writer_completion import WRITER_COMPLETION, shaped
from tests.dissect.dialects.asking import call


@pytest.mark.parametrize(
    ("frame", "expected"), [({"value": "x"}, 1), ({"value": ""}, 0), ({"value": None}, 0), ({}, 0)]
)
def test_a_value_is_a_piece_of_text(frame, expected):
    assert expected == call(WRITER_COMPLETION, {}, frame).output_chunks


def test_a_stream_without_a_mark_at_its_end_is_whole():
    assert call(WRITER_COMPLETION, {"stream": True}, {"value": "x"}).missing == ()


def test_an_error_in_the_stream_is_one():
    assert (
        call(WRITER_COMPLETION, {}, {"value": "x"}, {"error": {"code": "overloaded"}}).failure.type
        == "overloaded"
    )


def test_each_text_is_a_choice():
    found = call(
        WRITER_COMPLETION, {"prompt": "p"}, whole={"choices": [{"text": "a"}, {"text": "b"}]}, content=True
    )

    assert [m["parts"][0]["content"] for m in json.loads(found.content.output_messages)] == ["a", "b"]


def test_a_prompt_is_a_text():
    assert [shaped(b) for b in ({"prompt": "x"}, {"prompt": 1}, None)] == [True, False, False]
