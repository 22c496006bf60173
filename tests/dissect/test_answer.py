import pytest

from hexr_autoinst.dissect.answer import CONTENT, Answer, Said


def calls(pieces):
    answer = Answer()
    choice = answer.choice(0)
    for index, id_, name in pieces:
        answer.call(choice, index=index, id_=id_, name=name)
    return [(c.name, c.id) for c in choice.calls()]


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        ([(0, "a", "f"), (0, None, None), (1, "b", "g"), (1, None, None)], [("f", "a"), ("g", "b")]),
        ([(0, "a", "f"), (0, "a", "f"), (0, "a", None)], [("f", "a")]),
        ([(0, "a", "f"), (0, "b", "g")], [("f", "a"), ("g", "b")]),
        ([(None, "a", "f"), (None, None, None), (None, "b", "f")], [("f", "a"), ("f", "b")]),
        ([(0, None, "f"), (0, "a", None)], [("f", "a")]),
        ([(None, None, "f"), (None, None, "f")], [("f", None), ("f", None)]),
    ],
    ids=["by index", "id repeated", "every index 0", "no index", "id comes later", "names alone"],
)
def test_a_piece_of_a_call_finds_its_call(pieces, expected):
    assert expected == calls(pieces)


def test_output_is_timed_from_its_first_frame_to_its_last():
    answer = Answer()
    for at in (5, 7, 9):
        answer.output(at)

    assert (answer.first_output_at, answer.last_output_at, answer.output_chunks) == (5, 9, 3)


def test_a_later_silence_takes_no_id_back():
    answer = Answer()
    answer.identify("a", "m")
    answer.identify(None, "")

    assert (answer.id, answer.model) == ("a", "m")


def test_text_is_kept_only_when_content_is_and_up_to_a_bound():
    off, on = Answer(), Answer(content=True)
    for answer in (off, on):
        choice = answer.choice(0)
        answer.say(choice, "text", "a")
        answer.say(choice, "text", "b" * CONTENT)
        answer.say(choice, "text", "more")

    assert off.choice(0).parts == []
    assert on.choice(0).parts == [Said("text", ["a", "b" * (CONTENT - 1)])]
    assert on.cut == {"content"}


def test_calls_are_bounded():
    assert len(calls([(n, f"i{n}", "f") for n in range(1000)])) == 256
