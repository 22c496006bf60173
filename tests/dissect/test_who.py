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


def test_only_the_beginning_of_a_stream_is_asked():
    one = Who(DEDUCED, (says("by"),), EXCHANGE)
    for _ in range(100):
        one.hear({})
    one.hear({"by": "a"})

    assert one.found is None


def test_an_answer_that_is_no_object_changes_nothing():
    assert DEDUCED == Who(DEDUCED, (says("by"),), EXCHANGE).close(EXCHANGE, [1])


def test_the_owner_of_the_host_speaks_and_else_the_shape_is_deduced():
    assert Provider("anthropic") == who(asked("api.anthropic.com", "/", {}), "openai").provider
    assert Provider("openai", inferred=True) == who(asked("localhost", "/", {}), "openai").provider
