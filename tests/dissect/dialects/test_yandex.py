import json

import pytest

from hexr_autoinst.dissect.dialects.yandex import YANDEX, YANDEX_EMBEDDING, shaped, shaped_embedding
from hexr_autoinst.model.operation import Usage
from tests.dissect.dialects.asking import call


def line(said, status="PARTIAL", **usage):
    one = {"message": {"role": "assistant", "text": said}, "status": f"ALTERNATIVE_STATUS_{status}"}
    return {"result": {"alternatives": [one], "usage": usage, "modelVersion": "v"}}


def test_each_line_has_all_of_it_and_it_is_told_once():
    last = line("Hello", "FINAL", inputTextTokens="4", completionTokens="2")
    found = call(YANDEX, {}, line("He"), line("Hello"), last, content=True)

    assert (found.output_chunks, found.usage, found.ended) == (2, Usage(4, 2), True)
    assert json.loads(found.content.output_messages)[0]["parts"] == [{"type": "text", "content": "Hello"}]


def test_calls_have_no_ids():
    calls = {"toolCalls": [{"functionCall": {"name": "f", "arguments": {"x": 1}}}]}
    one = {"message": {"role": "assistant", "toolCallList": calls}, "status": "ALTERNATIVE_STATUS_TOOL_CALLS"}
    found = call(YANDEX, {}, whole={"result": {"alternatives": [one]}}, content=True)

    assert [(t.name, t.id, t.arguments) for t in found.tool_calls] == [("f", None, '{"x": 1}')]
    assert found.finish_reasons == ("ALTERNATIVE_STATUS_TOOL_CALLS",)


@pytest.mark.parametrize(
    ("options", "expected"),
    [({"maxTokens": "2000"}, 2000), ({"maxTokens": 5}, 5), ({"maxTokens": "many"}, None)],
)
def test_counts_are_texts(options, expected):
    assert expected == call(YANDEX, {"completionOptions": options}).sampling.max_tokens


def test_an_embedding_counts_its_text():
    found = call(
        YANDEX_EMBEDDING, {"modelUri": "emb://x", "text": "a"}, whole={"embedding": [], "numTokens": "3"}
    )

    assert (found.usage, found.extras) == (Usage(3), (("inputs", 1),))


def test_a_model_has_a_uri():
    bodies = (
        {"modelUri": "u", "messages": []},
        {"modelUri": "u", "text": "x"},
        {"model": "m", "messages": []},
    )

    assert [(shaped(b), shaped_embedding(b)) for b in bodies] == [
        (True, False),
        (False, True),
        (False, False),
    ]
