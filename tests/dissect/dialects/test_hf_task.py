import json

import pytest

from hexr_autoinst.dissect.dialects.hf_task import HF_TASK, shaped
from tests.dissect.dialects.asking import call


@pytest.mark.parametrize("name", ["generated_text", "summary_text", "translation_text"])
@pytest.mark.parametrize("listed", [False, True])
def test_what_a_model_has_written_is_the_output(name, listed):
    said = {name: "short"}
    found = call(HF_TASK, {"inputs": "long"}, whole=[said] if listed else said, content=True)

    assert (found.kind, found.operation, found.missing) == ("completion", "inference", ())
    assert json.loads(found.content.output_messages)[0]["parts"] == [{"type": "text", "content": "short"}]
    assert json.loads(found.content.input_messages)[0]["parts"] == [{"type": "text", "content": "long"}]


def test_labels_are_no_output():
    found = call(HF_TASK, {"inputs": "x"}, whole=[[{"label": "POSITIVE", "score": 0.9}]], content=True)

    assert (found.content.output_messages, found.missing) == (None, ())


def test_a_task_has_inputs():
    assert [shaped(b) for b in ({"inputs": None}, {"input": "x"}, [])] == [True, False, False]
