import pytest

from hexr_autoinst.dissect.dialects.openai_images import OPENAI_IMAGES
from tests.dissect.dialects.asking import call

DONE = {
    "type": "image_generation.completed",
    "b64_json": "x",
    "usage": {"input_tokens": 5, "output_tokens": 7},
}


def test_pictures_are_counted_whole_or_streamed():
    whole = call(OPENAI_IMAGES, {"prompt": "x"}, whole={"data": [{"url": "u"}, {"b64_json": "x"}]})
    streamed = call(
        OPENAI_IMAGES,
        {"prompt": "x"},
        {"type": "image_generation.partial_image", "b64_json": "x"},
        DONE,
        DONE,
    )

    assert (dict(whole.extras)["images"], dict(streamed.extras)["images"]) == (2, 2)
    assert (streamed.output_chunks, streamed.usage.output, streamed.ended) == (3, 7, True)
    assert "b64_json" not in repr(streamed)


@pytest.mark.parametrize("n", [3, "3"])
def test_a_form_says_its_numbers_in_text(n):
    found = call(OPENAI_IMAGES, {"prompt": "x", "n": n, "stream": "true"})

    assert (found.sampling.choices, found.stream, found.sampling.output_type) == (3, True, "image")


@pytest.mark.parametrize("code", ["moderation_blocked", "content_policy_violation"])
def test_a_prompt_that_the_vendor_refuses_is_a_guards_doing(code):
    whole = call(OPENAI_IMAGES, {"prompt": "x"}, whole={"error": {"code": code}}, status=400)
    streamed = call(OPENAI_IMAGES, {"prompt": "x"}, {"type": "error", "error": {"code": code}})

    assert [dict(f.extras)["guard.prompt_blocked"] for f in (whole, streamed)] == [code, code]


def test_any_other_failure_is_none_of_a_guard():
    found = call(OPENAI_IMAGES, {"prompt": "x"}, whole={"error": {"code": "billing"}}, status=400)

    assert "guard.prompt_blocked" not in dict(found.extras)
    assert found.failure.type == "billing"


def test_a_prompt_or_a_model_is_the_shape():
    shapes = [OPENAI_IMAGES.shaped(b) for b in ({"prompt": "x"}, {"model": "m"}, {"prompt": 1}, None)]

    assert shapes == [True, True, False, False]
