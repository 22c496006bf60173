import json

import pytest

from hexr_autoinst.dissect.answer import CONTENT, Answer, Call, Said
from hexr_autoinst.dissect.content import call_part, data_part, dumped, output_messages, prompted
from hexr_autoinst.model.operation import Failure


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [('{"a": 1}', {"a": 1}), ("", {}), ('{"a": ', '{"a": '), ({"a": 1}, {"a": 1}), (None, None)],
)
def test_arguments_are_an_object_where_they_can_be(arguments, expected):
    assert expected == call_part("f", "i", arguments)["arguments"]


def test_inline_data_is_a_blob_and_an_address_a_uri():
    assert data_part("image", "data:image/png;base64,QUJD") == {
        "type": "blob", "modality": "image", "mime_type": "image/png", "content": "QUJD",
    }  # fmt: skip
    assert data_part("image", "https://h/x.png") == {
        "type": "uri",
        "modality": "image",
        "uri": "https://h/x.png",
    }


def test_a_message_for_each_choice_in_choice_order():
    answer = Answer(content=True)
    answer.choice(1).finish = "stop"
    answer.choice(1).parts.append(Said("text", ["b", "c"]))
    answer.choice(0).parts.append(Call("f", "i", pieces=["{}"]))

    assert json.loads(output_messages(answer)) == [
        {
            "role": "assistant",
            "parts": [{"type": "tool_call", "id": "i", "name": "f", "arguments": {}}],
            "finish_reason": "",
        },
        {"role": "assistant", "parts": [{"type": "text", "content": "bc"}], "finish_reason": "stop"},
    ]
    answer.failure = Failure("overloaded")
    assert [m["finish_reason"] for m in json.loads(output_messages(answer))] == ["error", "stop"]


def test_the_text_is_bounded_and_stays_json_and_the_newest_win():
    found = dumped([{"n": n, "content": "x" * 10_000} for n in range(100)])

    assert len(found) <= CONTENT + 2
    assert json.loads(found)[-1]["n"] == 99
    assert len(dumped([{"content": "x" * 9_000_000}])) <= CONTENT
    assert dumped([]) is None


def test_a_lone_surrogate_cannot_leave():
    assert dumped(["\ud800"]).encode() == b'["?"]'


def test_each_prompt_is_a_message_of_the_users():
    said = [{"role": "user", "parts": [{"type": "text", "content": "a"}]}]

    assert json.loads(prompted("a").input_messages) == said
    assert json.loads(prompted(["a", "", 1, "a"]).input_messages) == said * 2
    assert [prompted(p).input_messages for p in ("", None, [1, 2])] == [None] * 3
