import pytest

from hexr_autoinst.dissect.dialects.bedrock_media import (
    BEDROCK_EMBEDDINGS,
    BEDROCK_IMAGES,
    BEDROCK_RERANK,
    draws,
    embeds,
    ranks,
)
from tests.dissect.dialects.asking import call


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"inputText": "x"}, (True, False, False)),
        ({"inputText": "x", "textGenerationConfig": {}}, (False, False, False)),
        ({"inputImage": "AA", "embeddingConfig": {"outputEmbeddingLength": 256}}, (True, False, False)),
        ({"texts": ["x"], "input_type": "search_query"}, (True, False, False)),
        ({"taskType": "SINGLE_EMBEDDING", "singleEmbeddingParams": {}}, (True, True, False)),
        ({"taskType": "TEXT_IMAGE"}, (False, True, False)),
        ({"text_prompts": [{"text": "x"}]}, (False, True, False)),
        ({"query": "q", "documents": []}, (False, False, True)),
        ({"prompt": "x"}, (False, False, False)),
        (None, (False, False, False)),
    ],
)
def test_bodies_show_what_is_asked(body, expected):
    assert expected == (embeds(body), draws(body), ranks(body))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"inputText": "x", "dimensions": 256}, {"inputs": 1, "embeddings.dimensions": 256}),
        ({"inputImage": "AA", "embeddingConfig": {"outputEmbeddingLength": 384}}, {"inputs": 1, "embeddings.dimensions": 384}),
        ({"images": ["a", "b"], "input_type": "image", "output_dimension": 64}, {"inputs": 2, "embeddings.dimensions": 64}),
        ({"taskType": "SINGLE_EMBEDDING", "singleEmbeddingParams": {"embeddingDimension": 1024}}, {"inputs": 1, "embeddings.dimensions": 1024}),
        ({"texts": ["x"], "embedding_types": ["float"]}, {"inputs": 1, "embeddings.formats": ("float",)}),
    ],
)  # fmt: skip
def test_vectors_are_counted_and_measured(body, expected):
    assert expected == dict(BEDROCK_EMBEDDINGS.ask(body, False).extras)


@pytest.mark.parametrize(
    ("whole", "images", "failure"),
    [
        ({"artifacts": [{"finishReason": "SUCCESS"}, {"finishReason": "SUCCESS"}]}, 2, None),
        ({"artifacts": [{"finishReason": "CONTENT_FILTERED"}]}, 1, "content_filter"),
        ({"images": ["AA"], "finish_reasons": [None]}, 1, None),
        ({"images": [], "finish_reasons": ["Filter reason: prompt"]}, None, "content_filter"),
        ({"images": [], "error": "The prompt was refused."}, None, "content_filter"),
        ({"images": ["AA"], "error": "Some were refused."}, 1, "content_filter"),
    ],
)
def test_images_are_counted_and_their_filters_told(whole, images, failure):
    found = call(BEDROCK_IMAGES, {}, whole=whole)

    assert images == dict(found.extras).get("images")
    assert failure == (found.failure and found.failure.type)


def test_an_order_is_found_by_its_results():
    assert call(BEDROCK_RERANK, {"documents": ["a"]}, whole={"results": []}).extras == (("inputs", 1),)
