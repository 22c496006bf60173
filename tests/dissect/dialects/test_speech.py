import json
from dataclasses import replace

import pytest

from hexr_autoinst.dissect.dialects.speech import SPEECH, TRANSCRIPTION, TRANSCRIPTION_FETCHED
from hexr_autoinst.model.exchange import Response
from tests.dissect.dialects.asking import EXCHANGE, begun, call


@pytest.mark.parametrize("name", ["model_id", "model", "speech_model"])
def test_a_model_has_several_names(name):
    assert call(SPEECH, {name: "m", "text": "x"}).request_model == "m"


def test_characters_are_counted_in_the_request():
    found = call(SPEECH, {"text": "Hello"}, {"audio_base64": "AA"}, {"alignment": None})

    assert (found.extras, found.output_chunks, found.missing) == ((("characters", 5),), 1, ())
    assert found.sampling.output_type == "speech"


def test_channels_are_told_in_their_order():
    channels = [{"alternatives": [{"transcript": t}, {"transcript": "worse"}]} for t in ("a", "b")]
    whole = {
        "metadata": {"request_id": "r", "duration": 2.5, "model_info": {"x": {"name": "n"}}},
        "results": {"channels": channels},
    }
    found = call(TRANSCRIPTION, {}, whole=whole, content=True)

    assert (found.response_id, found.response_model, found.extras) == ("r", "n", (("audio.seconds", 2.5),))
    assert json.loads(found.content.output_messages)[0]["parts"] == [{"type": "text", "content": "a\nb"}]


@pytest.mark.parametrize(
    ("status", "failure", "told"),
    [
        ("queued", None, False),
        ("processing", None, False),
        ("completed", None, True),
        ("error", "error", True),
    ],
)
def test_only_a_look_at_the_end_is_told(status, failure, told):
    whole = {"id": "t", "status": status, "error": "e" if status == "error" else None, "text": None}
    answer = Response(1, 200, body=json.dumps(whole).encode(), ended=2)
    found = begun(TRANSCRIPTION_FETCHED, None).close(replace(EXCHANGE, response=answer))

    assert told is (found is not None)
    assert failure is None or found.failure.type == failure
