import json

from hexr_autoinst.dissect.dialects.aleph_alpha import (
    ALEPH_ALPHA_COMPLETE,
    ALEPH_ALPHA_EMBED,
    ALEPH_ALPHA_EVALUATE,
    shaped,
)
from hexr_autoinst.model.operation import Usage
from tests.dissect.dialects.asking import call

PROMPT = {
    "prompt": [
        {"type": "text", "data": "a"},
        {"type": "image", "data": "QQ=="},
        {"type": "text", "data": "b"},
    ]
}


def test_a_streamed_answer_ends_with_its_counts():
    found = call(
        ALEPH_ALPHA_COMPLETE,
        PROMPT,
        {"type": "stream_chunk", "index": 0, "completion": "x"},
        {"type": "stream_chunk", "index": 1, "completion": "y"},
        {"type": "stream_chunk", "index": 0, "completion": ""},
        {"type": "stream_summary", "index": 1, "model_version": "v", "finish_reason": "end_of_text"},
        {"type": "completion_summary", "num_tokens_prompt_total": 3, "num_tokens_generated": 2},
        content=True,
    )

    assert (found.output_chunks, found.usage, found.ended) == (2, Usage(3, 2), True)
    assert (found.finish_reasons, found.response_model) == (("end_of_text",), "v")
    assert json.loads(found.content.input_messages)[0]["parts"] == [{"type": "text", "content": "ab"}]


def test_an_evaluation_writes_nothing():
    found = call(ALEPH_ALPHA_EVALUATE, PROMPT, whole={"model_version": "v", "num_tokens_prompt_total": 3})

    assert (found.operation, found.finish_reasons, found.usage) == ("evaluate", (), Usage(3))


def test_prompts_of_a_batch_are_counted():
    assert call(ALEPH_ALPHA_EMBED, {"prompts": [[], []]}, whole={"model_version": "v"}).extras == (
        ("inputs", 2),
    )


def test_a_prompt_is_a_text_or_parts():
    assert [shaped({"prompt": p}) for p in ("x", [], 1)] == [True, True, False]
