import pytest

from hexr_autoinst.dissect.dialects.vertex_predict import (
    VERTEX_EMBEDDINGS,
    VERTEX_IMAGES,
    VERTEX_TEXT,
    draws,
    embeds,
    prompts,
)
from hexr_autoinst.model.operation import Usage
from tests.dissect.dialects.asking import call


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"instances": [{"content": "a"}]}, (True, False, False)),
        ({"instances": [{"text": "a"}], "parameters": {"dimension": 128}}, (True, False, False)),
        ({"instances": [{"video": {"gcsUri": "gs://a"}}]}, (True, False, False)),
        ({"instances": [{"prompt": "a"}], "parameters": {"sampleCount": 1}}, (False, True, False)),
        ({"instances": [{"prompt": "a"}], "parameters": {"sample_count": 1}}, (False, True, False)),
        ({"instances": [{"prompt": "a", "max_tokens": 9}]}, (False, False, True)),
        ({"instances": [{"prompt": "a"}], "parameters": {"maxOutputTokens": 9}}, (False, False, True)),
        ({"instances": [{"prompt": "a"}]}, (False, False, False)),
        ({"instances": [{"text": "a"}]}, (False, False, False)),
        ({"instances": [{"age": 3, "income": 4.5}]}, (False, False, False)),  # a table
        ({"instances": [[1, 2]]}, (False, False, False)),
        ({"instances": {"content": "a"}}, (True, False, False)),
        ([], (False, False, False)),
    ],
)
def test_instances_show_what_is_asked(body, expected):
    assert expected == (embeds(body), draws(body), prompts(body))


def test_tokens_of_each_prediction_are_added():
    told = [{"embeddings": {"statistics": {"token_count": n}}} for n in (2, 3)]

    assert call(VERTEX_EMBEDDINGS, {}, whole={"predictions": told}).usage == Usage(5)
    assert call(VERTEX_EMBEDDINGS, {}, whole={"predictions": [{"embeddings": {}}]}).usage == Usage()


def test_one_image_that_was_kept_is_no_failure():
    told = [{"bytesBase64Encoded": "AA"}, {"raiFilteredReason": "r"}]
    found = call(VERTEX_IMAGES, {}, whole={"predictions": told})

    assert (found.failure, dict(found.extras)) == (None, {"images": 1})


def test_each_prediction_is_a_choice():
    found = call(VERTEX_TEXT, {}, whole={"predictions": ["a", {"content": "b"}, 3]}, content=True)

    assert found.content.output_messages.count('"type": "text"') == 2
