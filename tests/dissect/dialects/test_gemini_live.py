"""Live's turns: where they begin and end, and what they are told with. Whole sessions: tests/exchanges/gemini/live*."""

import json

import pytest

from hexr_autoinst.dissect.dialects.gemini_live import GEMINI_LIVE
from tests.dissect.dialects.talking import talk

SETUP = False, {"setup": {"model": "models/m", "generation_config": {"max_output_tokens": 9}}}
ASK = (
    False,
    {"clientContent": {"turns": [{"role": "user", "parts": [{"text": "Hi"}]}], "turnComplete": True}},
)
END = True, {"serverContent": {"turnComplete": True}}


def says(text):
    return True, {"serverContent": {"modelTurn": {"parts": [{"text": text}]}}}


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("models/gemini-x", "gemini-x"),
        ("gemini-x", "gemini-x"),
        ("projects/p/locations/l/publishers/google/models/gemini-x", "gemini-x"),
        (None, None),
        (7, None),
    ],
)
def test_a_model_by_its_name(model, expected):
    ((_, call),) = talk(GEMINI_LIVE, (False, {"setup": {"model": model}}), ASK, says("x"), END)

    assert expected == call.request_model


def test_a_turn_and_the_next():
    told = talk(GEMINI_LIVE, SETUP, ASK, says("a"), says("b"), END, ASK, says("c"), END)

    assert [(2, 5, 2, ("stop",)), (6, 8, 1, ("stop",))] == [
        (e.began, e.ended, c.output_chunks, c.finish_reasons) for e, c in told
    ]
    assert {9} == {c.sampling.max_tokens for _, c in told}


def test_an_interrupted_turn_whose_end_is_not_said_ends_where_the_next_begins():
    told = talk(
        GEMINI_LIVE, ASK, says("a"), ASK, (True, {"serverContent": {"interrupted": True}}), says("b"), END
    )

    assert [(1, 4, ("interrupted",)), (3, 6, ("stop",))] == [
        (e.began, e.ended, c.finish_reasons) for e, c in told
    ]


def test_a_turn_that_ends_with_a_call_and_one_that_goes_on_after_it():
    call = True, {"toolCall": {"functionCalls": [{"id": "1", "name": "f"}, {"id": "2", "name": "g"}]}}
    answer = False, {"toolResponse": {"functionResponses": {"id": "1", "name": "f", "response": {}}}}
    for said in ([ASK, call, END, answer, says("x"), END], [ASK, call, answer, says("x"), END]):
        (_, one), (_, other) = talk(GEMINI_LIVE, *said)

        assert (("tool_call",), ["f", "g"]) == (one.finish_reasons, [c.name for c in one.tool_calls])
        assert (("stop",), (), ("1",)) == (other.finish_reasons, other.tool_calls, other.tool_results)


def test_what_the_vendor_runs_itself_is_no_call_of_the_clients():
    code = (
        True,
        {
            "serverContent": {
                "modelTurn": {"parts": [{"executableCode": {"code": "1", "language": "PYTHON"}}]}
            }
        },
    )
    ((_, call),) = talk(GEMINI_LIVE, ASK, code, END)

    assert (("stop",), ()) == (call.finish_reasons, call.tool_calls)


def test_what_is_spoken_is_told_from_the_end_of_the_activity_or_from_the_answer():
    spoken = False, {"realtime_input": {"audio": {"data": "UklG"}}}
    told = talk(
        GEMINI_LIVE,
        spoken,
        (False, {"realtimeInput": {"activityEnd": {}}}),
        spoken,
        says("a"),
        END,
        spoken,
        says("b"),
        END,
    )

    assert [2, 7] == [e.began for e, _ in told]


def test_content_is_what_was_said_and_its_transcript():
    heard = True, {"serverContent": {"outputTranscription": {"text": "Hello"}}}
    setup = False, {"setup": {"model": "m", "systemInstruction": {"parts": [{"text": "Be brief."}]}}}
    ((_, call),) = talk(GEMINI_LIVE, setup, ASK, heard, END, content=True)

    assert "Hi" == json.loads(call.content.input_messages)[0]["parts"][0]["content"]
    assert "Hello" in call.content.output_messages
    assert "Be brief." in call.content.system_instructions
