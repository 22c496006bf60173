from hexr_autoinst.dissect.dialects.watsonx_vectors import WATSONX_EMBEDDINGS, WATSONX_RERANK, shaped
from hexr_autoinst.model.operation import Usage
from tests.dissect.dialects.asking import call


def test_inputs_and_what_is_kept_of_them_are_counted():
    body = {
        "model_id": "m",
        "inputs": [{"text": "a"}, {"text": "b"}],
        "parameters": {"return_options": {"top_n": 1}},
    }
    found = call(WATSONX_RERANK, body, whole={"model_id": "m", "results": [], "input_token_count": 9})

    assert (found.extras, found.usage) == ((("inputs", 2), ("rerank.kept", 1)), Usage(9))
    assert (found.kind, found.request_model, found.response_model) == ("rerank", "m", "m")


def test_what_is_not_said_is_not_told():
    found = call(WATSONX_EMBEDDINGS, {"model_id": "m"}, whole={"model_id": "m"})

    assert (found.extras, found.usage) == ((), Usage())


def test_inputs_are_a_list():
    assert [shaped(b) for b in ({"model_id": "m", "inputs": []}, {"model_id": "m", "input": "x"})] == [
        True,
        False,
    ]
