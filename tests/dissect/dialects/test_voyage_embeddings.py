import pytest

from hexr_autoinst.dissect.dialects.voyage_embeddings import VOYAGE_EMBEDDINGS, shaped
from hexr_autoinst.model.operation import Usage
from tests.dissect.dialects.asking import call


@pytest.mark.parametrize(
    ("said", "inputs"), [({"input": "a"}, 1), ({"input": ["a", "b"]}, 2), ({"inputs": [["a"]]}, 1)]
)
def test_inputs_are_counted(said, inputs):
    found = call(
        VOYAGE_EMBEDDINGS, {"model": "m", **said}, whole={"model": "m", "usage": {"total_tokens": 3}}
    )

    assert (dict(found.extras)["inputs"], found.usage) == (inputs, Usage(3))


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        ({"total_tokens": 9, "text_tokens": 5}, Usage(9, modalities=(("text", "input", 5),))),
        ({"total_tokens": 9, "text_tokens": 9}, Usage(9)),
        ({}, Usage()),
    ],
)
def test_text_is_told_apart_where_it_is_not_all(usage, expected):
    assert expected == call(VOYAGE_EMBEDDINGS, {}, whole={"model": "m", "usage": usage}).usage


def test_a_model_and_an_input():
    assert [shaped(b) for b in ({"model": "m", "inputs": []}, {"input": "x"}, [])] == [True, False, False]
