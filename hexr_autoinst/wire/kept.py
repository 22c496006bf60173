"""What is kept of a message when it is over: the body redacted, the trailers wherever they were said."""

from typing import Final

from hexr_autoinst.model.exchange import Headers, Request, Response
from hexr_autoinst.wire import redact
from hexr_autoinst.wire.body import Body
from hexr_autoinst.wire.confided import confided, veiled
from hexr_autoinst.wire.heads import clean

_FORM: Final = "application/x-www-form-urlencoded"
_STATUS: Final = "grpc-status"


def whole_request(head: Request, body: bytes, size: int, ended: int) -> Request:
    """As `replace`, which costs four times as much."""
    return Request(
        head.at, head.method, head.scheme, head.host, head.port, head.path, head.query, head.version, head.headers,
        body, size, ended,
    )  # fmt: skip


def whole_answer(head: Response, body: Body, times: tuple[int, int], most: int, asked: Request) -> Response:
    """`times`: of the body's first byte and of the last; `most`: trailers that are kept. `asked`: it says whether an answer is kept at all."""
    body_at, ended = times
    streamed, kept = body.streamed, clean_body(body, head.headers, asked)
    trailers = _trailers(head, body, most) if body.both is not None else head.trailers
    return Response(
        head.at, head.status, head.version, head.headers, kept, body.size, body_at, ended, streamed, trailers
    )


def clean_body(body: Body, headers: Headers, asked: Request) -> bytes:
    """The body's bytes without secrets; it holds them no longer."""
    if confided(asked):
        return veiled(body.take())
    form = headers.get("content-type").lower().startswith(_FORM)
    return redact.form(body.take()) if form else redact.text(body.take())


def _trailers(head: Response, body: Body, most: int) -> Headers:
    """gRPC-Web's are in its body; an answer without a message has them for its head (gRPC's "Trailers-Only")."""
    if head.trailers.fields or body.both is None:
        return head.trailers
    alone = not body.size and _STATUS in head.headers
    return head.headers if alone else clean(body.both.trailers[:most])
