from hexr_autoinst.dissect.question import Question
from hexr_autoinst.dissect.vendor import Vendor
from hexr_autoinst.dissect.vendors import Vendors
from hexr_autoinst.dissect.who import Provider, Who, who
from hexr_autoinst.model.exchange import Exchange, Request
from tests.dissect.asked import asked

EXCHANGE = Exchange("i", "har", None, "c", 0, "client", Request(0, "POST", "https", "h", 0, "/"))
DEDUCED = Provider("shape", inferred=True)


def says(word):
    return lambda exchange, value: Provider(value[word]) if word in value else None


def test_the_first_piece_that_names_the_speaker_is_believed():
    one = Who(DEDUCED, (says("by"),), EXCHANGE)
    one.hear({})
    one.hear({"by": "a"})
    one.hear({"by": "b"})

    assert Provider("a") == one.close(EXCHANGE, {"by": "c"})


def test_two_answers_are_none():
    one = Who(DEDUCED, (says("x"), says("y")), EXCHANGE)

    assert DEDUCED == one.close(EXCHANGE, {"x": "a", "y": "b"})


def test_a_sure_word_wins_over_a_deduction_however_late_it_comes():
    one = Who(
        DEDUCED, (says("x"), lambda _, v: Provider("guess", inferred=True) if "y" in v else None), EXCHANGE
    )
    one.hear({"y": 1})

    assert Provider("guess", inferred=True) == one.provider
    assert Provider("a") == one.close(EXCHANGE, {"x": "a", "y": 1})


def test_only_the_beginning_of_a_stream_and_its_end_are_asked():
    heard = []
    one = Who(DEDUCED, (lambda _, value: heard.append(value["n"]),), EXCHANGE)
    for n in range(100):
        one.hear({"n": n})

    assert DEDUCED == one.close(EXCHANGE, None)
    assert heard == [*range(8), 98, 99]


def test_what_the_last_pieces_say_is_believed():
    one = Who(DEDUCED, (says("by"),), EXCHANGE)
    for piece in (*[{}] * 20, {"by": "a"}, {}):
        one.hear(piece)

    assert Provider("a") == one.close(EXCHANGE, None)


def test_an_answer_that_is_no_object_changes_nothing():
    assert DEDUCED == Who(DEDUCED, (says("by"),), EXCHANGE).close(EXCHANGE, [1])


def test_the_owner_of_the_host_speaks_and_else_the_shape_is_deduced():
    assert Provider("anthropic") == who(asked("api.anthropic.com", "/", {}), "openai").provider
    assert Provider("openai", inferred=True) == who(asked("localhost", "/", {}), "openai").provider


def test_where_the_speaker_is_named_is_kept_of_the_owner_alone_or_of_all(monkeypatch):
    vendors = Vendors(
        (
            Vendor("a", "a", ("a.com",), kept=("by",)),
            Vendor("gate", "", ("gate.com",), tells=says("from"), kept=("from", "x-by:")),
        )
    )
    monkeypatch.setattr("hexr_autoinst.dissect.VENDORS", vendors)

    assert {
        "a": ("by",),
        "gate": ("from", "x-by:"),
        None: ("by", "from", "x-by:"),
    } == {owner: who(Question(EXCHANGE, owner), "a").kept for owner in ("a", "gate", None)}
