from hexr_autoinst.dissect.dialects.perplexity_async import PERPLEXITY_ASYNC, PERPLEXITY_FETCHED
from tests.dissect.dialects.asking import call

ASKED = {"request": {"model": "sonar", "messages": [{"role": "user", "content": "Hi"}]}}
DONE = {
    "id": "inner",
    "model": "sonar",
    "choices": [{"index": 0, "message": {"content": "x"}, "finish_reason": "stop"}],
}


def test_the_request_stands_in_an_envelope():
    found = call(PERPLEXITY_ASYNC, ASKED, whole={"id": "a1", "model": "sonar", "status": "CREATED"})

    assert (found.request_model, found.response_id, found.fetched) == ("sonar", "a1", False)
    assert PERPLEXITY_ASYNC.shaped(ASKED)
    assert not PERPLEXITY_ASYNC.shaped(ASKED["request"])


def test_the_answer_is_known_by_the_id_that_it_was_promised_under():
    found = call(
        PERPLEXITY_FETCHED,
        None,
        whole={"id": "a1", "model": "sonar", "status": "COMPLETED", "response": DONE},
    )

    assert (found.response_id, found.finish_reasons, found.fetched) == ("a1", ("stop",), True)


def test_as_long_as_it_goes_on_a_look_means_nothing():
    assert (
        call(PERPLEXITY_FETCHED, None, whole={"id": "a1", "status": "IN_PROGRESS", "response": None}) is None
    )


def test_a_failure_is_an_end():
    found = call(PERPLEXITY_FETCHED, None, whole={"id": "a1", "status": "FAILED", "error_message": "m"})

    assert found.failure.type == "_OTHER"
