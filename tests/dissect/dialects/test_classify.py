import pytest

from hexr_autoinst.dissect.dialects.classify import CLASSIFY
from hexr_autoinst.model.operation import Usage
from tests.dissect.dialects.asking import call


@pytest.mark.parametrize(
    ("body", "inputs"), [({"inputs": ["a", "b"]}, 2), ({"input": "a"}, 1), ({"input": []}, None), ({}, None)]
)
def test_inputs_are_counted(body, inputs):
    found = call(CLASSIFY, body, whole={"id": "c", "results": []})

    assert inputs == dict(found.extras).get("inputs")
    assert (found.kind, found.operation) == ("completion", "classify")


@pytest.mark.parametrize(
    ("usage", "expected"),
    [({"prompt_tokens": 4, "total_tokens": 5}, Usage(4)), ({"total_tokens": 5}, Usage(5)), ({}, Usage())],
)
def test_labels_are_no_output(usage, expected):
    assert expected == call(CLASSIFY, {}, whole={"id": "c", "data": [], "usage": usage}).usage
