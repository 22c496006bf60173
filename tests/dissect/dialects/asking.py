"""One call asked and answered, without any bytes between."""

import json
from dataclasses import replace

from hexr_autoinst.dissect.reading import begin
from hexr_autoinst.dissect.who import Provider, Who
from hexr_autoinst.model.exchange import Exchange, Frame, Request, Response

REQUEST = Request(0, "POST", "https", "h", 0, "/p")
EXCHANGE = Exchange("id", "har", None, "c", 0, "client", REQUEST)


def begun(dialect, body, *, inferred=False, content=False):
    return begin(dialect, body, answers=Who(Provider("p", inferred), (), EXCHANGE), content=content)


def call(dialect, body, *frames, whole=None, status=200, content=False, missing=()):
    reading = begun(dialect, body, content=content)
    for at, frame in enumerate(frames):
        data = frame if isinstance(frame, str) else json.dumps(frame)
        reading.frame(Frame(at, "sse", "", data))
    answer = Response(
        1,
        status,
        body=json.dumps(whole).encode() if whole is not None else b"",
        ended=2,
        streamed=bool(frames),
    )
    return reading.close(replace(EXCHANGE, response=answer, missing=missing))
