import pytest

from hexr_autoinst.dissect.dialects.google_json import field, inside, modalities, named, settled, some, total


@pytest.mark.parametrize("value", [{"maxOutputTokens": 0}, {"max_output_tokens": 0}])
def test_a_name_is_found_in_either_case_even_if_it_says_zero(value):
    assert field(value, "maxOutputTokens") == 0


def test_camel_case_wins_where_both_stand():
    assert field({"topK": 1, "top_k": 2}, "topK") == 1
    assert field([], "topK") is None


def test_inside_goes_down_in_either_case():
    assert inside({"a_b": {"cD": {"e": 1}}}, "aB", "cD") == {"e": 1}
    assert inside({"a_b": 1}, "aB", "cD") == {}


def test_one_object_is_a_list_of_one():
    assert some({"a": 1}) == [{"a": 1}]
    assert some([{"a": 1}, 2]) == [{"a": 1}]
    assert some("a") == []


@pytest.mark.parametrize(
    ("said", "expected"),
    [("STOP", "STOP"), (2, "2"), (0, None), ("FINISH_REASON_UNSPECIFIED", None), (None, None), ("", None)],
)
def test_the_value_that_says_nothing_is_none(said, expected):
    assert expected == named(said)


def test_a_total_is_of_what_is_stated():
    assert total(None, 3, 4) == 7
    assert total(None, None) is None
    assert total((1 << 63) - 1, 1) is None


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ((10, None, 4, 6, 20), (10, 10)),
        ((10, 5, 4, 6, 25), (15, 10)),
        ((10, None, 10, 6, 20), (10, 10)),  # the thoughts are in the answer's count
        ((10, None, 4, 6, None), (10, 10)),
        ((10, None, None, 6, 16), (10, 6)),
        ((10, None, None, None, 10), (10, None)),
        ((None, None, None, None, None), (None, None)),
    ],
)
def test_what_is_counted_beside_is_added_and_never_twice(counts, expected):
    assert expected == settled(*counts)


@pytest.mark.parametrize(
    ("lists", "expected"),
    [
        (([{"modality": "TEXT", "tokenCount": 4}],), ()),
        (([{"modality": "TEXT", "tokenCount": 4}], [{"modality": 1, "tokenCount": 5}]), ()),
        (([{"modality": 4, "tokenCount": 4}],), (("audio", "input", 4),)),
        (
            ([{"modality": "TEXT", "tokenCount": 4}, {"modality": "IMAGE"}, {"modality": "VIDEO", "tokenCount": 1}],),
            (("text", "input", 4), ("video", "input", 1)),
        ),
        ((None, "x"), ()),
    ],
)  # fmt: skip
def test_a_breakdown_is_told_where_it_is_not_all_text(lists, expected):
    assert expected == modalities("input", *lists)


def test_a_place_is_spelled_in_either_case():
    from hexr_autoinst.dissect.dialects.google_json import spelled

    assert ("tools.functionCalls.name", "id", "tools.function_calls.name") == spelled(
        "tools.functionCalls.name", "id"
    )
