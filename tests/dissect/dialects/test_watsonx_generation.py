import pytest

from hexr_autoinst.dissect.dialects.watsonx_generation import WATSONX_GENERATION, shaped
from hexr_autoinst.model.operation import Usage
from tests.dissect.dialects.asking import call


def result(said, finish="not_finished", asked=0, told=0):
    one = {
        "generated_text": said,
        "generated_token_count": told,
        "input_token_count": asked,
        "stop_reason": finish,
    }
    return {"model_id": "m", "results": [one]}


def test_counts_are_so_far_and_the_inputs_is_said_once():
    found = call(
        WATSONX_GENERATION,
        {},
        result("", asked=8),
        result("a", told=1),
        result("b", told=2),
        result("", "eos_token", told=3),
    )

    assert (found.usage, found.finish_reasons, found.output_chunks) == (Usage(8, 3), ("eos_token",), 2)


@pytest.mark.parametrize(
    ("finish", "expected", "failure"),
    [("NOT_FINISHED", (), None), ("max_tokens", ("max_tokens",), None), ("error", ("error",), "error")],
)
def test_not_finished_is_no_reason(finish, expected, failure):
    found = call(WATSONX_GENERATION, {}, whole=result("a", finish))

    assert (found.finish_reasons, found.failure and found.failure.type) == (expected, failure)


def test_an_error_in_the_stream_is_one_of_a_list():
    error = {"errors": [{"code": "downstream_request_failed", "message": "m"}], "status_code": 500}

    assert call(WATSONX_GENERATION, {}, result("a"), error).failure.type == "downstream_request_failed"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"input": "x"}, True),
        ({"model_id": "m"}, True),
        ({"parameters": {}}, True),
        ({"model": "m"}, False),
        ([], False),
    ],
)
def test_the_input_is_one_text(body, expected):
    assert expected is shaped(body)
