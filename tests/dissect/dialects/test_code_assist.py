from hexr_autoinst.dissect.dialects.code_assist import CODE_ASSIST
from hexr_autoinst.model.operation import Failure
from tests.dissect.dialects.asking import call

INNER = {"contents": [{"parts": [{"text": "x"}]}]}


def test_a_request_stands_inside_the_request():
    assert CODE_ASSIST.shaped({"model": "m", "request": INNER})
    assert not CODE_ASSIST.shaped({"model": "m", **INNER})


def test_an_error_has_no_envelope():
    found = call(CODE_ASSIST, {}, whole={"error": {"code": 429, "status": "RESOURCE_EXHAUSTED"}}, status=429)

    assert found.failure == Failure("RESOURCE_EXHAUSTED")


def test_the_session_is_the_conversation_in_either_case():
    for name in ("session_id", "sessionId"):
        assert call(CODE_ASSIST, {"request": {**INNER, name: "s"}}, whole={}).conversation == "s"
