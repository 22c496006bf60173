import pytest

from hexr_autoinst.dissect.dialects.minimax import MINIMAX_EMBEDDINGS, MINIMAX_SPEECH
from hexr_autoinst.model.operation import Usage
from tests.dissect.dialects.asking import call


def test_texts_are_counted_and_all_tokens_are_theirs():
    found = call(
        MINIMAX_EMBEDDINGS, {"texts": ["a", "b"], "type": "db"}, whole={"vectors": [], "total_tokens": 4}
    )

    assert (found.extras, found.usage) == ((("inputs", 2),), Usage(4))


def test_speech_comes_in_pieces_and_its_sums_at_the_end():
    found = call(
        MINIMAX_SPEECH,
        {"text": "Hello", "stream": True},
        {"data": {"audio": "00", "status": 1}, "trace_id": "t"},
        {
            "data": {"audio": "", "status": 2},
            "extra_info": {"audio_length": 1500, "usage_characters": 5},
            "trace_id": "t",
        },
    )

    assert dict(found.extras) == {"characters": 5, "audio.seconds": 1.5}
    assert (found.output_chunks, found.ended, found.response_id) == (1, True, "t")


@pytest.mark.parametrize(("code", "failure"), [(0, None), (1002, "1002")])
def test_a_failure_has_a_good_status(code, failure):
    found = call(MINIMAX_SPEECH, {}, whole={"base_resp": {"status_code": code, "status_msg": "m"}})

    assert failure == (found.failure and found.failure.type)


def test_each_is_known_by_what_it_holds():
    bodies = ({"texts": [], "type": "db"}, {"text": "x", "voice_setting": {}}, {"messages": []})

    assert [(MINIMAX_EMBEDDINGS.shaped(b), MINIMAX_SPEECH.shaped(b)) for b in bodies] == [
        (True, False),
        (False, True),
        (False, False),
    ]
