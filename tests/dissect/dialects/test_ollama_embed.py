import json
from dataclasses import replace

import pytest

from hexr_autoinst.dissect.dialects.ollama_embed import OLLAMA_EMBED, shaped
from hexr_autoinst.model.exchange import Response
from tests.dissect.dialects.asking import EXCHANGE, begun, call


@pytest.mark.parametrize(
    ("body", "inputs"),
    [
        ({"model": "m", "input": "a"}, 1),
        ({"model": "m", "input": ["a", "b"]}, 2),
        ({"model": "m", "prompt": "a"}, 1),
        ({"model": "m"}, None),
        ({"input": "a"}, None),
    ],
)
def test_inputs_are_counted(body, inputs):
    assert shaped(body) is (inputs is not None)
    assert (
        inputs is None or dict(call(OLLAMA_EMBED, body, whole={"embedding": []}).extras)["inputs"] == inputs
    )


@pytest.mark.parametrize(
    ("whole", "told"),
    [({"embedding": [0.1]}, True), ({"embeddings": [[0.1]]}, True), ({"vector": [0.1]}, False), ({}, False)],
)
def test_on_a_host_that_nobody_owns_the_answer_must_have_vectors(whole, told):
    reading = begun(OLLAMA_EMBED, {"model": "m", "prompt": "a"}, inferred=True)
    answer = Response(1, 200, body=json.dumps(whole).encode(), ended=2)

    assert told is (reading.close(replace(EXCHANGE, response=answer)) is not None)
