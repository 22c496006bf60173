import pytest

from hexr_autoinst.dissect.dialects.openai_moderations import OPENAI_MODERATIONS
from tests.dissect.dialects.asking import call


def verdict(flagged, **categories):
    return {"flagged": flagged, "categories": categories}


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ([verdict(False, a=False)], {"moderation.flagged": False}),
        (
            [verdict(True, b=True, a=True, c=False)],
            {"moderation.flagged": True, "moderation.categories": ("a", "b")},
        ),
        (
            [verdict(False), verdict(True, a=True)],
            {"moderation.flagged": True, "moderation.categories": ("a",)},
        ),
        ([], {}),
        ([{"flagged": "yes"}], {}),
    ],
)
def test_the_outcome_is_told_and_is_no_failure(results, expected):
    found = call(OPENAI_MODERATIONS, {"model": "m"}, whole={"id": "modr-1", "model": "m", "results": results})

    assert expected == dict(found.extras)
    assert found.failure is None


@pytest.mark.parametrize(
    ("said", "expected"),
    [("a", 1), (["a", "b"], 2), ([{"type": "text"}, {"type": "image_url"}], 1), (None, None)],
)
def test_inputs_are_counted_and_parts_are_of_one(said, expected):
    assert expected == dict(call(OPENAI_MODERATIONS, {"input": said}).extras).get("inputs")
    assert (expected is not None) is OPENAI_MODERATIONS.shaped({"input": said})


def test_nothing_of_what_was_looked_at_is_kept():
    assert "secret" not in repr(call(OPENAI_MODERATIONS, {"input": "secret"}, content=True))
