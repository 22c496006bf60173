import json

from hexr_autoinst.dissect.dialects.mistral_transcription import MISTRAL_TRANSCRIPTION
from hexr_autoinst.model.operation import Usage
from tests.dissect.dialects.asking import call

DONE = {
    "model": "v",
    "text": "Hello",
    "usage": {"prompt_audio_seconds": 9, "prompt_tokens": 4, "completion_tokens": 3},
}


def test_a_whole_answer_and_a_streamed_one_say_the_same():
    whole = call(MISTRAL_TRANSCRIPTION, {"model": "m"}, whole=DONE, content=True)
    streamed = call(
        MISTRAL_TRANSCRIPTION,
        {"model": "m", "stream": "true"},
        {"type": "transcription.language", "audio_language": "en"},
        {"type": "transcription.text.delta", "text": "Hel"},
        {"type": "transcription.text.delta", "text": "lo"},
        {**DONE, "type": "transcription.done"},
        content=True,
    )

    for found in (whole, streamed):
        assert (found.response_model, found.usage, dict(found.extras)) == (
            "v",
            Usage(4, 3),
            {"audio.seconds": 9},
        )
        assert json.loads(found.content.output_messages)[0]["parts"] == [{"type": "text", "content": "Hello"}]
    assert (streamed.output_chunks, streamed.ended) == (2, True)
