import json
from dataclasses import replace

import pytest

from hexr_autoinst.dissect.dialects.tgi_generate import TGI_GENERATE, shaped
from hexr_autoinst.model.exchange import Response
from hexr_autoinst.model.operation import Usage
from tests.dissect.dialects.asking import EXCHANGE, begun, call

DETAILS = {"finish_reason": "length", "generated_tokens": 2, "prefill": [{"id": 1}, {"id": 2}, {"id": 3}]}


def token(said, details=None, *, special=False):
    return {"index": 1, "token": {"id": 1, "text": said, "special": special}, "details": details}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"inputs": "x", "parameters": {"max_new_tokens": 5}}, True),
        ({"inputs": "x", "parameters": {"candidate_labels": ["a"]}}, False),
        ({"inputs": "x"}, False),
        ({"inputs": ["x"], "parameters": {"max_new_tokens": 5}}, False),
        ({"inputs": {"question": "x"}, "parameters": {"top_p": 1}}, False),
        (None, False),
    ],
)
def test_the_parameters_are_those_of_a_generation(body, expected):
    assert expected is shaped(body)


@pytest.mark.parametrize(
    ("frame", "expected"),
    [(token("x"), 1), (token("</s>", special=True), 0), (token(""), 0), ({"error": "e"}, 0)],
)
def test_only_a_token_with_text_is_an_output_frame(frame, expected):
    assert expected == call(TGI_GENERATE, {}, frame).output_chunks


def test_the_last_event_counts_and_its_text_is_not_said_again():
    last = {**token("b", {**DETAILS, "input_length": 7}), "generated_text": "ab"}
    found = call(TGI_GENERATE, {"inputs": "x"}, token("a"), last, content=True)

    assert (found.usage, found.finish_reasons, found.ended) == (Usage(7, 2), ("length",), True)
    assert json.loads(found.content.output_messages)[0]["parts"] == [{"type": "text", "content": "ab"}]


@pytest.mark.parametrize("listed", [False, True])
def test_an_object_and_a_list_of_one_say_the_same(listed):
    said = {"generated_text": "ab", "details": DETAILS}
    found = call(TGI_GENERATE, {"inputs": "x"}, whole=[said] if listed else said, content=True)

    assert (found.usage, found.finish_reasons, found.missing) == (Usage(3, 2), ("length",), ())
    assert json.loads(found.content.output_messages)[0]["parts"] == [{"type": "text", "content": "ab"}]


@pytest.mark.parametrize(
    "whole", [{"id": 1, "file": "x"}, [], [1], [{"label": "x"}], {"generated_text": None}]
)
def test_on_a_host_that_nobody_owns_another_answer_is_no_call(whole):
    reading = begun(TGI_GENERATE, {"inputs": "x"}, inferred=True)
    body = json.dumps(whole).replace('"id": 1', '"n": 1').encode()

    assert reading.close(replace(EXCHANGE, response=Response(1, 200, body=body, ended=2))) is None
