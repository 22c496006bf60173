import pytest

from hexr_autoinst.dissect.dialects.gemini_embeddings import GEMINI_EMBEDDINGS, shaped
from hexr_autoinst.model.operation import Usage
from tests.dissect.dialects.asking import begun, call

ONE = {"content": {"parts": [{"text": "a"}]}}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (ONE, True),
        ({"requests": [ONE, ONE]}, True),
        ({"requests": []}, False),
        ({"requests": [ONE, {}]}, False),
        ({"content": "a"}, False),
        ([], False),
    ],
)
def test_each_request_has_a_content(body, expected):
    assert expected is shaped(body)


def test_a_path_alone_is_a_coincidence_where_the_answer_is_another():
    for answered, expected in (({"embedding": {"values": [1]}}, True), ({"ok": 1}, False)):
        reading = begun(GEMINI_EMBEDDINGS, ONE, inferred=True)
        reading.dialect.whole(reading.answer, answered)
        assert expected is reading.answer.found


def test_usage_is_told_where_it_is_stated():
    assert call(GEMINI_EMBEDDINGS, ONE, whole={"embeddings": [{}]}).usage == Usage()
    assert call(GEMINI_EMBEDDINGS, ONE, whole={"usageMetadata": {"promptTokenCount": 3}}).usage == Usage(3)
