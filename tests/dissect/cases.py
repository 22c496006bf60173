"""The fixture folders as exchanges: raw messages cut by the shortest reading of RFC 9112 and of SSE that fits well-formed files."""

import base64
import json
import struct
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from hexr_autoinst.dissect.claim import choose, question
from hexr_autoinst.model.exchange import Exchange, Frame, Headers, Request, Response

CASES = Path(__file__).parent.parent / "exchanges"
STEP = 1000


def all_cases(*names):
    return sorted(p.parent for name in (names or ("*",)) for p in CASES.glob(f"{name}/*/expect.json"))


def expected(case):
    return json.loads((case / "expect.json").read_text())


def dissector(case):
    """Who reads it: the folder's vendor, unless the case says another. A gateway names who answers, the shape's vendor reads."""
    return expected(case).get("dissector", case.parent.name)


def message(raw):
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = Headers(tuple((n, v.strip()) for n, _, v in (line.partition(":") for line in lines)))
    if headers.get("transfer-encoding") == "chunked":
        body = dechunked(body)
    return first, headers, body


def dechunked(body):
    out = b""
    while body:
        size, _, body = body.partition(b"\r\n")
        out += body[: int(size, 16)]
        body = body[int(size, 16) + 2 :]
    return out


def events(body):
    """The frames, numbered by their times; comments are none."""
    number = 0
    for block in body.decode().replace("\r\n", "\n").split("\n\n"):
        found = [line.partition(":") for line in block.split("\n")]
        data = [v.removeprefix(" ") for k, _, v in found if k == "data"]
        name = next((v.strip() for k, _, v in found if k == "event"), "")
        if data:
            yield Frame(number * STEP, "sse", name, "\n".join(data))
            number += 1


def json_lines(body):
    """The frames of a body of JSON lines."""
    for number, line in enumerate(body.decode().splitlines()):
        yield Frame(number * STEP, "json", "", line)


def messages(body):
    """The messages of an Amazon event stream; a payload that is nothing but base64 of JSON, unwrapped."""
    number = 0
    while body:
        total, size = struct.unpack_from(">II", body)
        head, payload, body = body[12 : 12 + size], body[12 + size : total - 4], body[total:]
        said = {}
        while head:
            name, head = head[1 : 1 + head[0]].decode(), head[2 + head[0] :]
            length = int.from_bytes(head[:2], "big")
            said[name], head = head[2 : 2 + length].decode(), head[2 + length :]
        kind = said[":message-type"]
        event = said[{"event": ":event-type", "exception": ":exception-type"}[kind]]
        if kind != "event":
            event = f"{kind}:{event}"
        if payload.startswith(b'{"bytes"') and b"attribution" not in payload:
            payload = base64.b64decode(json.loads(payload)["bytes"])
        yield Frame(number * STEP, "aws", event, payload.decode())
        number += 1


def elements(body):
    """The objects of a JSON array."""
    return [Frame(n * STEP, "json", "", json.dumps(one)) for n, one in enumerate(json.loads(body))]


FRAMINGS = {
    "text/event-stream": events,
    "application/x-ndjson": json_lines,
    "application/stream+json": json_lines,
    "application/vnd.amazon.eventstream": messages,
}


def request_of(raw, scheme="https"):
    first, headers, body = message(raw)
    method, target, _ = first.split()
    url = urlsplit(f"{scheme}://{headers.get('host')}{target}")
    return Request(
        0,
        method,
        scheme,
        url.hostname or "",
        url.port or 0,
        url.path,
        url.query,
        headers=headers,
        body=body,
        size=len(body),
    )


def exchange_of(case):
    """The exchange without its answer, the frames, and the whole exchange."""
    asked = Exchange("id", "har", None, "conn", 0, "client", request_of((case / "request.http").read_bytes()))
    first, headers, body = message((case / "response.http").read_bytes())
    framing = FRAMINGS.get(headers.get("content-type").partition(";")[0])
    if framing is None and b"}\n{" in body:
        framing = json_lines  # under no type of its own
    streamed = framing is not None
    frames = list(framing(body)) if framing else []
    if body.startswith(b"[") and "content-length" not in headers:  # heard both ways
        frames = elements(body)
    answer = Response(
        1, int(first.split()[1]), headers=headers, body=b"" if streamed else body, ended=2, streamed=streamed
    )
    return asked, frames, answer


def told(asked, frames, answer, *, content=False):
    about = question(asked)
    reading = choose(about).open(about, content=content)
    for frame in frames:
        reading.frame(frame)
    return reading.close(replace(asked, response=answer))


def facts_of(value):
    """A value's fields that say something, as plain JSON. What only stands for a text says nothing."""
    if is_dataclass(value):
        kept = (f for f in fields(value) if f.name not in ("digest", "words"))
        said = {f.name: (getattr(value, f.name), f.default) for f in kept}
        return {name: facts_of(v) for name, (v, default) in said.items() if v != default}
    return [facts_of(v) for v in value] if isinstance(value, tuple) else value
