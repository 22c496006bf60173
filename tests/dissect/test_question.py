import pytest

from hexr_autoinst.dissect.question import WEBSOCKET, Question
from hexr_autoinst.model.exchange import Exchange, Headers, Request
from tests.dissect.asked import asked


def test_a_body_is_read_once_and_its_path_has_no_last_slash():
    one = asked("h", "/a/b//", {"x": 1})

    assert ("/a/b", {"x": 1}) == (one.path, one.body)
    assert one.body is one.body


def test_a_form_is_read_as_its_fields():
    body = b'--B\r\nContent-Disposition: form-data; name="model"\r\n\r\nm\r\n--B--\r\n'

    assert {"model": "m"} == asked(
        "h", "/", body, headers=(("content-type", "multipart/form-data; boundary=B"),)
    ).body


def test_what_is_neither_is_nothing():
    assert asked("h", "/", b"\x00\x01").body is None


def test_the_owner_is_who_owns_the_host():
    assert ("openai", None) == (asked("api.openai.com", "/", {}).owner, asked("h", "/", {}).owner)


@pytest.mark.parametrize(
    ("method", "headers", "expected"),
    [
        ("GET", (("Upgrade", "WebSocket"),), WEBSOCKET),
        ("CONNECT", ((":protocol", "websocket"),), WEBSOCKET),
        ("CONNECT", (), "CONNECT"),
        ("GET", (("Upgrade", "h2c"),), "GET"),
        ("POST", (("Upgrade", "websocket"),), "POST"),
    ],
)
def test_a_request_for_a_websocket_has_a_method_of_its_own(method, headers, expected):
    request = Request(1, method, "https", "h", 0, "/x", headers=Headers(headers))

    assert expected == Question(Exchange("x", "ebpf", None, "c", 0, "client", request)).method
