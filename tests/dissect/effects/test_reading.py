from dataclasses import replace

from hexr_autoinst.dissect.effects.reading import EffectReading, body, by_status, more, named, succeeded, told
from hexr_autoinst.model.exchange import Frame
from hexr_autoinst.model.operation import Effect, Failure
from tests.dissect.protocols.asking import answered, exchange

EFFECT = Effect("tool", "invoke")


def test_an_answer_completes_what_the_request_has_said():
    reading = EffectReading(EFFECT, lambda effect, ex: more(effect, region="r", http__method=None))
    reading.frame(Frame(1, "sse", "", "x"))

    assert (("region", "r"),) == reading.close(answered(exchange())).facts
    assert EFFECT == reading.asked


def test_facts_are_told_as_far_as_they_are_known():
    assert (("http.method", "GET"), ("n", 0)) == told(http__method="GET", n=0, x=None, y=())


def test_a_failure_is_named_by_the_status_or_by_the_end_of_the_connection():
    assert by_status(answered(exchange())) is None
    assert Failure("503") == by_status(answered(exchange(), status=503))
    assert by_status(exchange()) is None
    assert Failure("closed_by_server") == by_status(replace(exchange(), missing=("closed_by_server",)))


def test_a_failure_is_named_by_its_answer_where_that_has_a_word():
    failed = answered(exchange(), status=400)

    assert Failure("invalid_grant") == named("invalid_grant", failed)
    assert Failure("400") == named(None, failed)
    assert named("invalid_grant", answered(exchange())) is None


def test_a_good_answer_has_a_body():
    assert {"a": 1} == body(answered(exchange(), {"a": 1}))
    assert body(answered(exchange(), {"a": 1}, status=404)) is None
    assert succeeded(exchange()) is None
