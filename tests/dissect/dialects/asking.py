"""One call asked and answered, without any bytes between."""

import json
from dataclasses import replace

from hexr_autoinst.dissect.reading import begin
from hexr_autoinst.dissect.who import Provider, Who
from hexr_autoinst.model.exchange import Exchange, Frame, Headers, Request, Response

REQUEST = Request(0, "POST", "https", "h", 0, "/p")
EXCHANGE = Exchange("id", "har", None, "c", 0, "client", REQUEST)


def begun(dialect, body, *, inferred=False, content=False):
    return begin(dialect, body, answers=Who(Provider("p", inferred), (), EXCHANGE), content=content)


def call(dialect, body, *frames, whole=None, status=200, content=False, missing=(), headers=()):
    """A frame is a text, a value, or a pair of its event's name and either."""
    reading = begun(dialect, body, content=content)
    for at, frame in enumerate(frames):
        event, said = frame if isinstance(frame, tuple) else ("", frame)
        data = said if isinstance(said, str) else json.dumps(said)
        reading.frame(Frame(at, "sse", event, data))
    answer = Response(
        1,
        status,
        headers=Headers(headers),
        body=json.dumps(whole).encode() if whole is not None else b"",
        ended=2,
        streamed=bool(frames),
    )
    return reading.close(replace(EXCHANGE, response=answer, missing=missing))
