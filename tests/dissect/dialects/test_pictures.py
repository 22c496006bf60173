import json

import pytest

from hexr_autoinst.dissect.dialects.pictures import PICTURES
from tests.dissect.dialects.asking import call


@pytest.mark.parametrize(
    ("whole", "images"),
    [
        ({"data": [{"url": "u"}, {"url": "v"}]}, 2),
        ({"images": [{"url": "u"}], "seed": 1}, 1),
        ({"artifacts": []}, 0),
        ({"id": "x", "data": {"image_urls": ["u", "v"]}}, 2),
        ({"image": "iVBO", "seed": 1}, 1),
        ({"id": "x", "polling_url": "u"}, None),
        ({"request_id": "x", "status": "IN_QUEUE"}, None),
    ],
)
def test_pictures_are_counted_where_they_are(whole, images):
    assert images == dict(call(PICTURES, {"prompt": "x"}, whole=whole).extras).get("images")


@pytest.mark.parametrize(
    ("finishes", "failure"),
    [
        (("SUCCESS", "CONTENT_FILTERED"), None),
        (("CONTENT_FILTERED",), "content_filter"),
        (("SUCCESS",), None),
    ],
)
def test_what_was_filtered_to_the_last_has_failed(finishes, failure):
    found = call(PICTURES, {}, whole={"artifacts": [{"finishReason": f} for f in finishes]})

    assert (found.finish_reasons, found.failure and found.failure.type) == (finishes, failure)


@pytest.mark.parametrize(
    "body",
    [
        {"prompt": "x", "n": "2"},
        {"text_prompts": [{"text": "x"}], "samples": 2},
        {"image_request": {"prompt": "x", "num_images": 2}},
    ],
)
def test_a_prompt_and_a_number_have_several_names(body):
    found = call(PICTURES, body, whole={"data": []}, content=True)

    assert found.sampling.choices == 2
    assert json.loads(found.content.input_messages)[0]["parts"] == [{"type": "text", "content": "x"}]
