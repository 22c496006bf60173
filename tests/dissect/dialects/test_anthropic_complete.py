import pytest

from hexr_autoinst.dissect.dialects.anthropic_complete import ANTHROPIC_COMPLETE
from tests.dissect.dialects.asking import call

ASKED = {"model": "m", "prompt": "\n\nHuman: Hi\n\nAssistant:", "max_tokens_to_sample": 5}


@pytest.mark.parametrize(
    ("change", "expected"), [({}, True), ({"prompt": ["x"]}, False), ({"max_tokens_to_sample": None}, False)]
)
def test_the_limits_name_is_the_shape(change, expected):
    assert expected is ANTHROPIC_COMPLETE.shaped({**ASKED, **change})


def test_a_stream_ends_with_a_stop_reason():
    begun = {"type": "completion", "id": "compl_1", "completion": " Hi", "stop_reason": None, "model": "m"}
    cut = call(ANTHROPIC_COMPLETE, ASKED, begun)
    done = call(
        ANTHROPIC_COMPLETE,
        ASKED,
        begun,
        {"type": "ping"},
        {**begun, "completion": "", "stop_reason": "max_tokens"},
        content=True,
    )

    assert (cut.missing, cut.ended) == (("unfinished:response",), False)
    assert (done.finish_reasons, done.ended, done.output_chunks) == (("max_tokens",), True, 1)
    assert " Hi" in done.content.output_messages


def test_an_error_is_told_in_a_stream_and_whole():
    said = {"type": "error", "error": {"type": "overloaded_error", "message": "m"}}

    assert call(ANTHROPIC_COMPLETE, ASKED, said).failure.type == "overloaded_error"
    assert call(ANTHROPIC_COMPLETE, ASKED, whole=said, status=529).failure.type == "overloaded_error"
