from hexr_autoinst.dissect.dialects.dashscope_vectors import DASHSCOPE_EMBEDDINGS, DASHSCOPE_RERANK, shaped
from hexr_autoinst.model.operation import Usage
from tests.dissect.dialects.asking import call


def test_texts_are_counted():
    body = {"model": "m", "input": {"texts": ["a", "b"]}, "parameters": {"dimension": 64}}
    found = call(
        DASHSCOPE_EMBEDDINGS, body, whole={"request_id": "r", "output": {}, "usage": {"total_tokens": 4}}
    )

    assert (found.extras, found.usage) == ((("inputs", 2), ("embeddings.dimensions", 64)), Usage(4))


def test_documents_are_counted():
    body = {"model": "m", "input": {"query": "q", "documents": ["a"]}, "parameters": {"top_n": 1}}
    found = call(
        DASHSCOPE_RERANK, body, whole={"request_id": "r", "output": {}, "usage": {"total_tokens": 4}}
    )

    assert (found.extras, found.response_id) == ((("inputs", 1), ("rerank.kept", 1)), "r")


def test_an_error_may_have_a_good_status():
    assert (
        call(DASHSCOPE_RERANK, {}, whole={"code": "Throttling", "message": "m"}).failure.type == "Throttling"
    )


def test_an_input_holds_texts():
    assert [shaped({"model": "m", "input": i}) for i in ({"contents": []}, {"messages": []}, "x")] == [
        True,
        False,
        False,
    ]
