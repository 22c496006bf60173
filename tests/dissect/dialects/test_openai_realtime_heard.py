"""Which transcriptions of a session are calls. A whole session: tests/exchanges/openai/realtime_transcribes."""

import pytest

from hexr_autoinst.dissect.dialects.openai_realtime import OPENAI_REALTIME
from tests.dissect.dialects.talking import talk


def settled(by, name, *, server):
    audio = {"input_audio_transcription": by} if name else {"audio": {"input": {"transcription": by}}}
    return server, {"type": name or "session.update", "session": audio}


def taken(item):
    return True, {"type": "input_audio_buffer.committed", "item_id": item}


def said(kind, item, **more):
    return True, {"type": f"conversation.item.input_audio_transcription.{kind}", "item_id": item, **more}


@pytest.mark.parametrize(
    ("name", "server"),
    [
        ("", False),
        ("session.update", False),
        ("transcription_session.update", False),
        ("session.created", True),
        ("transcription_session.updated", True),
    ],
)
def test_whatever_settles_it_each_item_is_a_call_of_that_model_and_null_ends_it(name, server):
    said_so = [settled(by, name, server=server) for by in ({"model": "whisper-1"}, None)]
    told = talk(
        OPENAI_REALTIME, said_so[0], taken("a"), said_so[1], taken("b"), said("completed", "a", transcript="")
    )

    assert [("whisper-1", 2, 5, True)] == [
        (c.request_model, e.began, e.response.ended, c.ended) for e, c in told
    ]


def test_one_that_never_comes_is_told_as_unanswered():
    ((exchange, call),) = talk(
        OPENAI_REALTIME, settled({"model": "m"}, "session.update", server=False), taken("a")
    )

    assert (None, ("unanswered",)) == (exchange.response, call.missing)


def test_parts_of_one_item_are_calls_of_their_own_and_what_comes_after_an_end_is_none():
    told = talk(
        OPENAI_REALTIME,
        said("segment", "a", content_index=0, text="x"),
        said("delta", "a", content_index=1, delta="y"),
        said("completed", "a", content_index=1, transcript="y"),
        said("completed", "a", content_index=0, transcript="x"),
        said("segment", "a", content_index=0, text="x"),
        content=True,
    )

    assert [(2, 3, True), (1, 4, True)] == [
        (e.began, e.response.ended, f'"{text}"' in c.content.output_messages)
        for (e, c), text in zip(told, "yx", strict=True)
    ]


def test_what_the_model_is_told_to_listen_for_is_content():
    by = {"model": "m", "prompt": "hexagons"}
    for content in (False, True):
        ((_, call),) = talk(
            OPENAI_REALTIME,
            settled(by, "session.update", server=False),
            taken("a"),
            said("completed", "a", transcript="six"),
            content=content,
        )

        assert content == bool(call.content and "hexagons" in call.content.input_messages)
