import json
from dataclasses import replace

import pytest

from hexr_autoinst.dissect.dialects.replicate import REPLICATE, REPLICATE_FETCHED
from hexr_autoinst.model.exchange import Response
from hexr_autoinst.model.operation import Usage
from tests.dissect.dialects.asking import EXCHANGE, begun, call


def prediction(status, **more):
    return {"id": "p", "model": "o/m", "input": {"prompt": "x"}, "status": status, **more}


@pytest.mark.parametrize(
    ("status", "finish", "failure"),
    [
        ("starting", (), None),
        ("processing", (), None),
        ("succeeded", ("succeeded",), None),
        ("canceled", ("canceled",), None),
        ("failed", ("failed",), "failed"),
        ("aborted", ("aborted",), "aborted"),
    ],
)
def test_a_status_is_an_end_once_it_is_one(status, finish, failure):
    found = call(REPLICATE, {"input": {}}, whole=prediction(status, error="e" if failure else None))

    assert (found.finish_reasons, found.failure and found.failure.type) == (finish, failure)


@pytest.mark.parametrize(
    ("status", "told"), [("starting", False), ("processing", False), ("succeeded", True)]
)
def test_only_a_look_at_the_end_is_told(status, told):
    answer = Response(1, 200, body=json.dumps(prediction(status)).encode(), ended=2)
    found = begun(REPLICATE_FETCHED, None).close(replace(EXCHANGE, response=answer))

    assert told is (found is not None)
    assert found is None or found.fetched


@pytest.mark.parametrize("output", ["ab", ["a", "b"]])
def test_pieces_of_text_are_one_text(output):
    metrics = {"input_token_count": 3, "output_token_count": 2}
    found = call(
        REPLICATE,
        {"input": {"prompt": "x"}},
        whole=prediction("succeeded", output=output, metrics=metrics),
        content=True,
    )

    assert found.usage == Usage(3, 2)
    assert json.loads(found.content.output_messages)[0]["parts"] == [{"type": "text", "content": "ab"}]


def test_pictures_are_counted_where_they_are():
    found = call(REPLICATE, {"input": {}}, whole=prediction("succeeded", metrics={"image_count": 4}))

    assert (found.usage, found.extras) == (Usage(), (("images", 4),))


def test_what_is_no_prediction_has_nothing_to_say():
    found = call(REPLICATE, {"version": "v", "input": {}}, whole={"detail": "no"}, status=422)

    assert (found.request_model, found.response_id, found.failure.type) == ("v", None, "422")
