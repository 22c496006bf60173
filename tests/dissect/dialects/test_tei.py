import json
from dataclasses import replace

import pytest

from hexr_autoinst.dissect.dialects.tei import TEI_EMBED, shaped
from hexr_autoinst.model.exchange import Response
from tests.dissect.dialects.asking import EXCHANGE, begun, call


@pytest.mark.parametrize(
    ("body", "inputs"),
    [
        ({"inputs": "a"}, 1),
        ({"inputs": ["a", "b"]}, 2),
        ({"inputs": ["a"], "model": "m", "dimensions": 8}, 1),
        ({"inputs": []}, None),
        ({"inputs": [{"content": []}]}, None),
        ({"inputs": {"source_sentence": "a"}}, None),
        ({"html": "<p>"}, None),
    ],
)
def test_texts_are_counted(body, inputs):
    assert shaped(body) is (inputs is not None)
    assert inputs is None or dict(call(TEI_EMBED, body, whole=[[0.1]]).extras)["inputs"] == inputs


@pytest.mark.parametrize(
    ("whole", "told"),
    [
        ([[0.1, 0.2]], True),
        ([0.1], True),
        ([[[1]]], True),
        ([], False),
        ([[]], False),
        (["x"], False),
        ([{"url": "x"}], False),
        ({"html": "x"}, False),
    ],
)
def test_on_a_host_that_nobody_owns_the_answer_must_be_vectors(whole, told):
    reading = begun(TEI_EMBED, {"inputs": "a"}, inferred=True)
    answer = Response(1, 200, body=json.dumps(whole).encode(), ended=2)

    assert told is (reading.close(replace(EXCHANGE, response=answer)) is not None)
