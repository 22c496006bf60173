import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexr_autoinst.dissect.answer import Answer
from hexr_autoinst.dissect.dialects.sagemaker import SAGEMAKER_CHAT, lines

EVENTS = [{"a": 1}, {"b": "é\n"}, {"c": [1, 2]}]


@pytest.mark.parametrize("form", ["data:{}\n\n", "data: {}\r\n\r\n", "{}\n", ": ping\n\ndata: {}\n\n"])
@given(data=st.data())
def test_the_containers_events_are_whole_however_they_were_cut(form, data):
    text = "".join(form.replace("{}", json.dumps(e, ensure_ascii=False)) for e in EVENTS)
    places = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    answer, found = Answer(), []
    for begin, end in zip([0, *places], [*places, len(text)], strict=True):
        found += lines(answer, text[begin:end])

    assert [json.loads(f) for f in found] == EVENTS


def test_a_last_event_without_an_end_is_one():
    answer = Answer()

    assert list(lines(answer, '{"a": ')) == []
    assert list(lines(answer, "1}")) == ['{"a": 1}']
    assert answer.rest == ""


def test_a_line_that_never_ends_is_not_kept():
    answer = Answer()
    for _ in range(40):
        assert list(lines(answer, '{"a": "' + "x" * 10_000)) == []

    assert len(answer.rest) <= 256 << 10
    assert answer.cut == {"response"}


def test_the_endpoint_is_the_model():
    assert SAGEMAKER_CHAT.ask({"model": "/opt/ml/model", "messages": []}, False).model is None
