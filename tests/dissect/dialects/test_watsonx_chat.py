from hexr_autoinst.dissect.dialects.watsonx_chat import WATSONX_CHAT
from tests.dissect.dialects.asking import call


def test_the_model_has_a_name_of_its_own():
    body = {"model_id": "a", "messages": [{"role": "user", "content": "x"}]}
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "y"}}
    found = call(WATSONX_CHAT, body, whole={"id": "c", "model_id": "b", "choices": [choice]})

    assert (found.request_model, found.response_model, found.finish_reasons) == ("a", "b", ("stop",))
    assert found.extras == ()


def test_a_chunk_says_the_model_too():
    choice = {"index": 0, "finish_reason": None, "delta": {"content": "y"}}
    found = call(WATSONX_CHAT, None, {"id": "c", "model": "b", "choices": [choice]})

    assert (found.request_model, found.response_model, found.output_chunks) == (None, "b", 1)
