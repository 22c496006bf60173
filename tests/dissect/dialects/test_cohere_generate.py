import json

from hexr_autoinst.dissect.dialects.cohere_generate import COHERE_GENERATE, shaped
from hexr_autoinst.model.operation import Usage
from tests.dissect.dialects.asking import call


def test_every_generation_is_a_choice():
    found = call(
        COHERE_GENERATE,
        {"prompt": "Once", "num_generations": 2},
        whole={
            "id": "g",
            "generations": [
                {"text": "a", "finish_reason": "COMPLETE"},
                {"text": "b", "finish_reason": "MAX_TOKENS"},
            ],
            "meta": {"billed_units": {"input_tokens": 1, "output_tokens": 4}},
        },
    )

    assert (found.finish_reasons, found.usage) == (("COMPLETE", "MAX_TOKENS"), Usage(1, 4))
    assert (found.kind, found.sampling.choices) == ("completion", 2)


def test_a_summary_is_an_output():
    found = call(COHERE_GENERATE, {"text": "long"}, whole={"id": "s", "summary": "short"}, content=True)

    assert json.loads(found.content.output_messages)[0]["parts"] == [{"type": "text", "content": "short"}]
    assert json.loads(found.content.input_messages)[0]["parts"] == [{"type": "text", "content": "long"}]


def test_a_streamed_generation_ends_with_a_failure():
    found = call(
        COHERE_GENERATE,
        {"prompt": "x", "stream": True},
        {"text": "a", "is_finished": False, "event_type": "text-generation"},
        {"is_finished": True, "finish_reason": "ERROR", "err": "e", "event_type": "stream-error"},
    )

    assert (found.failure.type, found.finish_reasons, found.output_chunks) == ("ERROR", ("ERROR",), 1)


def test_the_pieces_of_several_generations_are_told_apart():
    found = call(
        COHERE_GENERATE,
        {"prompt": "x", "stream": True},
        {"text": "a", "index": 1, "is_finished": False},
        {"text": "b", "index": 0, "is_finished": False},
        {
            "is_finished": True,
            "response": {"id": "g", "generations": [{"finish_reason": "A"}, {"finish_reason": "B"}]},
        },
        content=True,
    )
    told = json.loads(found.content.output_messages)

    assert [(m["parts"][0]["content"], m["finish_reason"]) for m in told] == [("b", "A"), ("a", "B")]


def test_a_prompt_or_a_text():
    assert [shaped(b) for b in ({"prompt": "x"}, {"text": "x"}, {"prompt": 1}, [])] == [
        True,
        True,
        False,
        False,
    ]
