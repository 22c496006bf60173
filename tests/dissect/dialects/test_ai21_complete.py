import json

from hexr_autoinst.dissect.dialects.ai21_complete import AI21_COMPLETE, shaped
from hexr_autoinst.model.operation import Usage
from tests.dissect.dialects.asking import call


def completion(said, tokens):
    return {"data": {"text": said, "tokens": [{}] * tokens}, "finishReason": {"reason": "length"}}


def test_listed_tokens_are_counted():
    whole = {
        "id": "x",
        "prompt": {"tokens": [{}, {}]},
        "completions": [completion("a", 3), completion("b", 4)],
    }
    found = call(AI21_COMPLETE, {"prompt": "p", "numResults": 2}, whole=whole, content=True)

    assert (found.usage, found.finish_reasons) == (Usage(2, 7), ("length", "length"))
    assert [m["parts"][0]["content"] for m in json.loads(found.content.output_messages)] == ["a", "b"]


def test_without_lists_there_are_no_counts():
    assert call(AI21_COMPLETE, {"prompt": "p"}, whole={"id": "x", "completions": [{}]}).usage == Usage()


def test_a_prompt_is_a_text():
    assert [shaped({"prompt": p}) for p in ("x", ["x"])] == [True, False]
