import pytest

from hexr_autoinst.dissect.answer import Answer
from hexr_autoinst.dissect.dialects.openai_usage import take_usage, tiers, usage
from hexr_autoinst.model.operation import Usage


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"prompt_tokens": 9, "completion_tokens": 3}, Usage(input=9, output=3)),
        ({"input_tokens": 9, "output_tokens": 3}, Usage(input=9, output=3)),
        ({"total_tokens": 12}, Usage()),
        ({"prompt_tokens": "9", "completion_tokens": None}, Usage()),
        (
            {"prompt_tokens": 9, "prompt_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 2}},
            Usage(input=9, cache_read=4, cache_write=2),
        ),
        ({"input_tokens": 9, "input_tokens_details": {"cached_tokens": 0}}, Usage(input=9, cache_read=0)),
        ({"prompt_tokens": 9, "prompt_token_details": {"cached_tokens": 4}}, Usage(input=9, cache_read=4)),
        ({"prompt_tokens": 9, "prompt_cache_hit_tokens": 8}, Usage(input=9, cache_read=8)),
        ({"prompt_tokens": 9, "cached_tokens": 8}, Usage(input=9, cache_read=8)),
    ],
)
def test_the_same_facts_under_every_name(said, expected):
    assert expected == usage(said)


@pytest.mark.parametrize(
    ("completion", "reasoning", "total", "expected"),
    [
        (100, 64, 110, 100),  # a part of the sum, as OpenAI has it
        (9, 94, 135, 103),  # beside the sum: 32 + 9 + 94
        (100, 64, None, 100),
        (70, 190, 102, 260),  # a part is not greater than its whole
        (50, 0, 82, 50),
        (0, 0, 32, 0),
    ],
)
def test_output_holds_reasoning_whatever_the_vendors_sum_is(completion, reasoning, total, expected):
    said = {
        "prompt_tokens": 32 if total != 110 else 10,
        "completion_tokens": completion,
        "total_tokens": total,
    }

    assert expected == usage({**said, "completion_tokens_details": {"reasoning_tokens": reasoning}}).output
    assert expected == usage({**said, "reasoning_tokens": reasoning}).output


@pytest.mark.parametrize(
    ("details", "expected"),
    [
        ({"text_tokens": 9}, ()),
        ({"text_tokens": 9, "audio_tokens": 0, "image_tokens": 0}, ()),
        ({"text_tokens": 4, "audio_tokens": 5}, (("text", "input", 4), ("audio", "input", 5))),
        ({"image_tokens": 5}, (("image", "input", 5),)),
    ],
)
def test_modalities_are_told_where_text_is_not_alone(details, expected):
    assert expected == usage({"prompt_tokens": 9, "prompt_tokens_details": details}).modalities


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"cost": 0.5}, 0.5),
        ({"cost": {"total_cost": 0.25}}, 0.25),
        ({"estimated_cost": 0.125}, 0.125),
        ({"cost": 0}, 0.0),
        ({"cost": "0.5"}, None),
    ],
)
def test_what_the_vendor_says_it_has_cost(said, expected):
    answer = Answer()
    take_usage(answer, {"prompt_tokens": 1, **said})

    assert expected == answer.extras.get("cost")


def test_a_later_word_overwrites_an_earlier_one():
    answer = Answer()
    take_usage(answer, {"prompt_tokens": 9, "completion_tokens": 1})
    take_usage(
        answer,
        {
            "prompt_tokens": 9,
            "completion_tokens": 3,
            "completion_tokens_details": {"accepted_prediction_tokens": 2},
        },
    )

    assert Usage(input=9, output=3) == answer.usage
    assert answer.extras == {"prediction.accepted": 2}


def test_tier_and_fingerprint_are_texts():
    answer = Answer()
    tiers(answer, {"service_tier": "flex", "system_fingerprint": None})

    assert answer.extras == {"openai.response_tier": "flex"}
