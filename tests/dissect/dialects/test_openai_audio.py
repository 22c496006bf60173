from dataclasses import replace

import pytest

from hexr_autoinst.dissect.dialects.openai_audio import OPENAI_SPEECH, OPENAI_TRANSCRIPTION
from hexr_autoinst.model.exchange import Headers, Response
from hexr_autoinst.model.operation import Usage
from tests.dissect.dialects.asking import EXCHANGE, begun, call


@pytest.mark.parametrize(
    ("kind", "body", "told"),
    [
        ("audio/mpeg", b"\xff\xfb", True),
        ("text/plain", b"Hello.", True),
        ("text/html; charset=utf-8", b"<p>", False),
    ],
)
def test_sound_and_text_are_answers_and_a_page_is_none(kind, body, told):
    answer = Response(1, 200, headers=Headers((("Content-Type", kind),)), body=body, ended=2)
    found = begun(OPENAI_SPEECH, {"input": "Hi", "model": "m"}, inferred=True).close(
        replace(EXCHANGE, response=answer)
    )

    assert told is (found is not None)
    assert found is None or found.missing == ()


def test_usage_in_seconds_is_no_usage_in_tokens():
    found = call(
        OPENAI_TRANSCRIPTION, {"model": "m"}, whole={"text": "a", "usage": {"type": "duration", "seconds": 9}}
    )

    assert (found.usage, dict(found.extras)["audio.seconds"]) == (Usage(), 9.0)


def test_the_length_of_the_sound_is_told_where_usage_does_not_say_it():
    found = call(OPENAI_TRANSCRIPTION, {"model": "m"}, whole={"text": "a", "duration": 8.5})

    assert dict(found.extras)["audio.seconds"] == 8.5


def test_a_streamed_transcript_is_said_once():
    found = call(
        OPENAI_TRANSCRIPTION,
        {"model": "m", "stream": "true"},
        {"type": "transcript.text.delta", "delta": "Hello"},
        {
            "type": "transcript.text.done",
            "text": "Hello",
            "usage": {"type": "tokens", "input_tokens": 4, "output_tokens": 1},
        },
        content=True,
    )

    assert found.content.output_messages.count("Hello") == 1
    assert (found.usage, found.output_chunks, found.ended) == (Usage(4, 1), 1, True)


def test_speech_is_counted_in_characters_and_kept_only_where_content_may_be():
    quiet, kept = (call(OPENAI_SPEECH, {"input": "Hello", "voice": "v"}, content=c) for c in (False, True))

    assert dict(quiet.extras)["characters"] == 5
    assert quiet.content is None
    assert "Hello" in kept.content.input_messages


def test_an_error_in_a_stream_is_told():
    found = call(OPENAI_SPEECH, {"input": "x"}, {"type": "error", "error": {"code": "c"}})

    assert found.failure.type == "c"


@pytest.mark.parametrize(
    ("body", "speech", "hearing"),
    [
        ({"model": "m", "input": "x", "voice": "v"}, True, True),
        ({"model": "m"}, False, True),
        ({"input": "x"}, False, False),
        ({"model": "m", "messages": []}, False, False),
        (None, False, False),
    ],
)
def test_shapes(body, speech, hearing):
    assert (speech, hearing) == (OPENAI_SPEECH.shaped(body), OPENAI_TRANSCRIPTION.shaped(body))
