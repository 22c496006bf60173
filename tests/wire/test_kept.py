from hexr_autoinst.model.exchange import Headers, Request, Response
from hexr_autoinst.wire.body import Body
from hexr_autoinst.wire.budget import Budget
from hexr_autoinst.wire.framing.grpc import Grpc
from hexr_autoinst.wire.kept import clean_body, whole_answer, whole_request
from hexr_autoinst.wire.limits import Limits

ASKED = Request(1, "POST", "https", "h", 443, "/p")


def body(headers, data=b"", both=None):
    made = Body(headers, Limits(), Budget(1 << 20), may_stream=True, both=both)
    made.feed(data, 1)
    made.end(2)
    return made


def test_a_request_keeps_its_head():
    head = Request(1, "POST", "https", "h", 8080, "/p", "q=1", "HTTP/2", Headers((("a", "b"),)))

    assert whole_request(head, b"x", 9, 7) == Request(
        1, "POST", "https", "h", 8080, "/p", "q=1", "HTTP/2", Headers((("a", "b"),)), b"x", 9, 7
    )


def test_a_form_and_a_text_lose_their_secrets():
    form = Headers((("Content-Type", "application/x-www-form-urlencoded"),))

    assert clean_body(body(form, b"client_secret=s3&a=1"), ASKED) == b"client_secret=[redacted]&a=1"
    assert clean_body(body(Headers(), b'{"api_key": "s3"}'), ASKED) == b'{"api_key": "[redacted]"}'


def test_trailers_come_from_where_they_were_said():
    kind = ("content-type", "application/grpc-web")
    bare, alone = Headers((kind,)), Headers((kind, ("grpc-status", "5")))
    said = b"\x80\0\0\0\x11grpc-status: 12\r\n"

    def trailers(head, data=b""):
        said = body(head.headers, data, Grpc(head.headers, "response", 99))
        return whole_answer(head, said, (3, 4), 10, ASKED).trailers

    assert trailers(Response(1, 200, headers=bare), said).get("grpc-status") == "12"
    assert trailers(Response(1, 200, headers=alone)).get("grpc-status") == "5"
    assert trailers(Response(1, 200, headers=alone, trailers=Headers((("grpc-status", "0"),)))).fields == (
        ("grpc-status", "0"),
    )
    assert whole_answer(Response(1, 200), body(Headers(), b"x"), (3, 4), 10, ASKED) == Response(
        1, 200, body=b"x", size=1, body_at=3, ended=4
    )
