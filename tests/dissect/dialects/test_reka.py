import json

from hexr_autoinst.dissect.dialects.reka import REKA
from hexr_autoinst.model.operation import Usage
from tests.dissect.dialects.asking import call


def event(said, finish=None):
    return {
        "id": "r",
        "responses": [{"chunk": {"content": said}, "finish_reason": finish}],
        "usage": {"input_tokens": 3, "output_tokens": len(said)},
    }


def test_each_event_has_all_of_it_and_it_is_told_once():
    found = call(REKA, {}, event("a"), event("ab"), event("ab", "stop"), content=True)

    assert (found.output_chunks, found.usage, found.finish_reasons) == (2, Usage(3, 2), ("stop",))
    assert json.loads(found.content.output_messages)[0]["parts"] == [{"type": "text", "content": "ab"}]
    assert found.extras == ()
