import pytest

from hexr_autoinst.dissect.answer import Answer
from hexr_autoinst.dissect.dialects.cohere_bill import bill, ended
from hexr_autoinst.model.operation import Usage


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (
            {
                "billed_units": {"input_tokens": 7, "output_tokens": 9},
                "tokens": {"input_tokens": 69, "output_tokens": 10},
            },
            Usage(7, 9),
        ),
        ({"billed_units": {"input_tokens": 7.0}, "cached_tokens": 448}, Usage(7)),
        (
            {"tokens": {"input_tokens": 69, "output_tokens": 10}, "cached_tokens": 64},
            Usage(69, 10, cache_read=64),
        ),
        ({"billed_units": {"search_units": 1}, "tokens": {"input_tokens": 5}}, Usage(5)),
        ({"billed_units": {"image_tokens": 20}}, Usage(20, modalities=(("image", "input", 20),))),
        (
            {"billed_units": {"input_tokens": 30, "image_tokens": 20, "text_tokens": 10}},
            Usage(30, modalities=(("image", "input", 20), ("text", "input", 10))),
        ),
        (
            {"billed_units": {"input_tokens": 2, "image_tokens": 20}},
            Usage(22, modalities=(("image", "input", 20),)),
        ),
        ({"billed_units": {"search_units": 1}}, Usage()),
        ({}, Usage()),
    ],
)
def test_what_is_billed_wins_and_what_is_cached_is_a_part_of_what_is_told(said, expected):
    answer = Answer()
    bill(answer, said)

    assert expected == answer.usage


@pytest.mark.parametrize(
    ("billed", "expected"),
    [
        ({"search_units": 2}, {"units": 2}),
        ({"search_units": 0.5}, {"units": 0.5}),
        ({"classifications": 3}, {"units": 3}),
        ({"pages": 4}, {"pages": 4}),
        ({"images": 1}, {"images": 1}),
        ({"input_tokens": 1}, {}),
    ],
)
def test_what_is_no_token_is_billed_beside_them(billed, expected):
    answer = Answer()
    bill(answer, {"billed_units": billed})

    assert expected == answer.extras


@pytest.mark.parametrize(
    ("finish", "said", "expected"),
    [
        ("COMPLETE", {}, None),
        ("MAX_TOKENS", {"error_type": "X"}, None),
        ("ERROR", {"error": "e", "error_type": "INVALID_TOOL_GENERATION"}, "INVALID_TOOL_GENERATION"),
        ("ERROR", {}, "ERROR"),
        ("ERROR_LIMIT", {}, "ERROR_LIMIT"),
        ("TIMEOUT", {}, "TIMEOUT"),
        ("ERROR_TOXIC", {}, "content_filter"),
        ("USER_CANCEL", {}, None),
    ],
)
def test_an_end_may_be_a_failure(finish, said, expected):
    answer = Answer()
    ended(answer, finish, said)

    assert expected == (answer.failure and answer.failure.type)
