from dataclasses import replace

import pytest

from hexr_autoinst.dissect.failure import coded, of_exchange, stated
from hexr_autoinst.model.exchange import Headers, Response
from hexr_autoinst.model.operation import Failure
from tests.dissect.dialects.asking import EXCHANGE


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"error": {"code": "invalid_api_key", "type": "invalid_request_error"}}, "invalid_api_key"),
        ({"error": {"code": None, "type": "server_error"}}, "server_error"),
        ({"error": {"code": 429}}, "429"),
        ({"error": {"message": "m"}}, "_OTHER"),
        ({"error": "model not found"}, "_OTHER"),
        ({"error": {"type": "a sentence is no code"}}, "_OTHER"),
        ({"error": {"code": "x" * 65, "type": "t"}}, "t"),
        ([{"error": {"code": 404, "status": "NOT_FOUND"}}], "NOT_FOUND"),
        ({"type": "error", "error": {"type": "overloaded_error"}}, "overloaded_error"),
        (
            {"errors": [{"code": "model_not_supported", "message": "m"}], "status_code": 404},
            "model_not_supported",
        ),
        ({"errors": []}, None),
        ({"error": None}, None),
        ({"error": {}}, None),
        ({"id": "x"}, None),
        (None, None),
        ([], None),
    ],
)
def test_the_providers_own_code_names_the_failure(value, expected):
    found = stated(value)

    assert expected == (found and found.type)


def test_a_message_is_content():
    value = {"error": {"code": "c", "message": "You said: " + "x" * 9999}}

    assert stated(value).message == ""
    assert len(stated(value, content=True).message) == 512
    assert coded("c", "m", content=True) == Failure("c", "m")


@pytest.mark.parametrize(
    ("named", "value", "expected"),
    [
        ("ValidationException:http://internal.amazon.com/coral/com.amazon.bedrock/", {"message": "m"}, "ValidationException"),
        ("aws.protocoltests.restjson#FooError:http://internal/", {}, "FooError"),
        ("", {"__type": "com.amazon.coral.service#AccessDeniedException", "Message": "m"}, "AccessDeniedException"),
        ("ThrottlingException", None, "ThrottlingException"),
        ("ThrottlingException", {"error": {"code": "c"}}, "c"),
        ("", {"text": "no error of AWS's"}, "400"),
    ],
)  # fmt: skip
def test_aws_names_an_error_in_the_header_or_in_the_body(named, value, expected):
    fields = Headers((("x-amzn-ErrorType", named),)) if named else Headers()
    found = of_exchange(replace(EXCHANGE, response=Response(1, 400, headers=fields)), value, content=True)

    assert expected == found.type
    assert found.message == ("m" if isinstance(value, dict) and "m" in value.values() else "")


def test_a_good_answer_that_has_a_type_is_no_error():
    answer = Response(1, 200, headers=Headers((("x-amzn-errortype", "X"),)))

    assert of_exchange(replace(EXCHANGE, response=answer), {"__type": "Y"}, content=False) is None


@pytest.mark.parametrize(
    ("answer", "missing", "expected"),
    [
        (Response(1, 200), (), None),
        (Response(1, 307), (), None),
        (Response(1, 503), (), "503"),
        (None, ("closed_by_server",), "closed_by_server"),
        (None, ("closed_by_client",), None),
        (None, ("lost_events",), None),
    ],
)
def test_the_status_names_it_where_the_body_does_not(answer, missing, expected):
    found = of_exchange(replace(EXCHANGE, response=answer, missing=missing), None, content=False)

    assert expected == (found and found.type)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"error_code": "PERMISSION_DENIED", "message": "m"}, "PERMISSION_DENIED"),
        ({"message": "m", "type": "too_many_requests_error", "code": "quota"}, "quota"),
        ({"code": 20012, "message": "m"}, "20012"),
        ({"code": "a whole sentence", "type": "BadRequest"}, "BadRequest"),
        ({"detail": "m"}, "400"),
        ([1], "400"),
    ],
)
def test_a_failure_without_an_envelope_is_named_where_the_status_is_one(body, expected):
    bad, good = (replace(EXCHANGE, response=Response(1, status)) for status in (400, 200))

    assert of_exchange(bad, body, content=False).type == expected
    assert of_exchange(good, body, content=False) is None


@pytest.mark.parametrize(("name", "expected"), [("message", "m"), ("detail", "m"), ("other", "")])
def test_its_sentence_is_a_message_or_a_detail(name, expected):
    exchange = replace(EXCHANGE, response=Response(1, 400))

    assert of_exchange(exchange, {name: "m"}, content=True) == Failure("400", expected)
