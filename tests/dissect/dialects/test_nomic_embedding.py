from hexr_autoinst.dissect.dialects.nomic_embedding import NOMIC_EMBEDDING, shaped
from hexr_autoinst.model.operation import Usage
from tests.dissect.dialects.asking import call


def test_texts_are_counted_and_a_form_has_none():
    whole = {"embeddings": [], "model": "m", "usage": {"prompt_tokens": 4, "total_tokens": 4}}

    assert call(NOMIC_EMBEDDING, {"model": "m", "texts": ["a", "b"]}, whole=whole).extras == (("inputs", 2),)
    assert call(NOMIC_EMBEDDING, {"model": "m", "dimensionality": "64"}, whole=whole).extras == (
        ("embeddings.dimensions", 64),
    )
    assert call(NOMIC_EMBEDDING, {"model": "m"}, whole=whole).usage == Usage(4)


def test_a_model_is_named():
    assert [shaped(b) for b in ({"model": "m"}, {"texts": []})] == [True, False]
