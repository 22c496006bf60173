import pytest

from hexr_autoinst.dissect.dialects.cloudflare_run import CLOUDFLARE_EMBEDDINGS, CLOUDFLARE_RUN
from hexr_autoinst.model.operation import Usage
from tests.dissect.dialects.asking import call

HI = {"messages": [{"role": "user", "content": "Hi"}]}


@pytest.mark.parametrize(
    ("body", "writes", "embeds"),
    [
        (HI, True, False),
        ({"prompt": "Hi"}, True, False),
        ({"text": "a"}, False, True),
        ({"text": ["a"]}, False, True),
        ({"text": []}, False, False),
        ({"image": [1]}, False, False),
        (None, False, False),
    ],
)
def test_the_body_shows_what_the_model_does(body, writes, embeds):
    assert (writes, embeds) == (CLOUDFLARE_RUN.shaped(body), CLOUDFLARE_EMBEDDINGS.shaped(body))


def test_an_answer_stands_in_an_envelope_with_calls_whose_arguments_are_objects():
    result = {
        "response": "Hi",
        "tool_calls": [{"name": "f", "arguments": {"a": 1}}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 2},
    }
    found = call(CLOUDFLARE_RUN, HI, whole={"result": result, "success": True}, content=True)

    assert [(t.name, t.arguments) for t in found.tool_calls] == [("f", '{"a": 1}')]
    assert (found.usage, "Hi" in found.content.output_messages) == (Usage(1, 2), True)


def test_newer_models_answer_as_chat_does_whole_and_streamed():
    chat = {"id": "c", "choices": [{"index": 0, "message": {"content": "Hi"}, "finish_reason": "stop"}]}
    piece = {"id": "c", "choices": [{"index": 0, "delta": {"content": "Hi"}, "finish_reason": "stop"}]}
    found = [call(CLOUDFLARE_RUN, HI, whole={"result": chat}), call(CLOUDFLARE_RUN, HI, piece)]

    assert [(f.response_id, f.finish_reasons) for f in found] == [("c", ("stop",))] * 2
    assert found[1].output_chunks == 1


def test_the_last_piece_of_a_stream_is_no_output():
    found = call(
        CLOUDFLARE_RUN,
        {"prompt": "x"},
        {"response": "a"},
        {"response": "", "usage": {"prompt_tokens": 1}},
        "[DONE]",
    )

    assert (found.output_chunks, found.usage.input, found.ended) == (1, 1, True)


def test_an_error_has_a_number():
    found = call(
        CLOUDFLARE_RUN, HI, whole={"success": False, "errors": [{"code": 5007, "message": "m"}]}, status=400
    )

    assert found.failure.type == "5007"


def test_vectors_are_not_kept():
    found = call(
        CLOUDFLARE_EMBEDDINGS,
        {"text": ["a", "b"]},
        whole={"result": {"shape": [2, 1], "data": [[0.5], [0.25]]}},
    )

    assert dict(found.extras) == {"inputs": 2}
    assert "0.25" not in repr(found)
