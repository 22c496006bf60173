from hypothesis import given
from hypothesis import strategies as st

from hexr_autoinst.model import sample


@given(st.text())
def test_a_digest_of_any_text_has_one_length_and_no_space_around_it_counts(text):
    assert len(sample.of_text(text)) == sample.SIZE
    assert sample.of_text(f" {text}\n") == sample.of_text(text)


def test_a_long_text_is_known_by_both_its_ends_and_its_length():
    text = "a" * 10_000

    assert len(sample.sample(text)) < 2 * sample.LOOKED_AT
    assert sample.of_text(text + "a") != sample.of_text(text)
    assert sample.of_text("b" + text[1:]) != sample.of_text(text)
    assert sample.of_text(text[:-1] + "b") != sample.of_text(text)


def test_of_many_texts_the_first_few_that_are_long_enough_are_known():
    found = sample.of_words(["Oslo", *(f"text number {n}" for n in range(9))], 3)

    assert found == tuple(sample.of_text(f"text number {n}") for n in range(3))
