import pytest

from hexr_autoinst.dissect.dialects.cohere_embed import COHERE_EMBED, shaped
from tests.dissect.dialects.asking import call


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"texts": ["a"], "model": "m"}, True),
        ({"images": ["data:image/png;base64,AA"]}, True),
        ({"inputs": [{"content": []}]}, True),
        ({"inputs": ["a"]}, False),
        ({"inputs": "a"}, False),
        ({"texts": []}, False),
        ({"texts": [{"id": 1}]}, False),
        ({"input": ["a"]}, False),
        (None, False),
    ],
)
def test_the_lists_have_names_and_kinds_of_their_own(body, expected):
    assert expected is shaped(body)


def test_texts_and_images_are_counted():
    found = call(
        COHERE_EMBED,
        {"texts": ["a", "b"], "images": ["x"], "embedding_types": ["float"], "output_dimension": 64},
        whole={"id": "e", "embeddings": {}, "meta": {"billed_units": {"input_tokens": 4, "images": 1}}},
    )

    assert dict(found.extras) == {
        "inputs": 2,
        "images": 1,
        "embeddings.dimensions": 64,
        "embeddings.formats": ("float",),
    }
    assert (found.response_id, found.usage.input, found.usage.output) == ("e", 4, None)
