import pytest

from hexr_autoinst.dissect.dialects.openai_embeddings import OPENAI_EMBEDDINGS
from hexr_autoinst.model.operation import Usage
from tests.dissect.dialects.asking import call

WHOLE = {
    "object": "list",
    "data": [{"embedding": "AAAA"}],
    "model": "m",
    "usage": {"prompt_tokens": 3, "completion_tokens": 0},
}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("a", 1),
        (["a", "b"], 2),
        ([1, 2, 3], 1),
        ([[1], [2]], 2),
        ([{"type": "text", "text": "a"}], 1),
        ("", None),
        ([], None),
    ],
)
def test_inputs_are_counted_and_tokens_are_one(said, expected):
    assert expected == dict(call(OPENAI_EMBEDDINGS, {"input": said}).extras).get("inputs")
    assert (expected is not None) is OPENAI_EMBEDDINGS.shaped({"input": said})


def test_nothing_is_written_and_no_vector_is_kept():
    found = call(OPENAI_EMBEDDINGS, {"input": "a", "encoding_format": "base64"}, whole=WHOLE, content=True)

    assert Usage(input=3) == found.usage
    assert "AAAA" not in repr(found)
    assert dict(found.extras)["embeddings.formats"] == ("base64",)


def test_a_failure_is_told():
    assert call(OPENAI_EMBEDDINGS, {}, whole={"error": {"code": "c"}}, status=400).failure.type == "c"
