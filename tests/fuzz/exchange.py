"""One exchange of hostile bytes: no exception, no loss without a count, one meaning by both doors, and nothing invented.

An input is a byte that chooses how it is cut and what is tried, then a request and a response with SPLIT between.
"""

import json
from urllib.parse import unquote

from hexr_autoinst.config import Config, Session
from hexr_autoinst.dissect.claim import choose, question
from hexr_autoinst.model.exchange import Asked, Ended, Said
from hexr_autoinst.model.facts import Process
from hexr_autoinst.pipeline import Pipeline
from hexr_autoinst.settings import settings
from hexr_autoinst.wire.assembly import Wire
from hexr_autoinst.wire.redact import MARK
from tests.dissect.cases import all_cases, facts_of
from tests.dissect.doors import CALLER, T0, chunks, messages

SPLIT = b"\n=====\n"
SETTINGS = settings(Config(content=True, prices=False), Session(0, "aa", "bb", "host"))
# What Responses, which has no finish reasons of its own, is told with; and what a deduction says.
OURS = {"stop", "tool_call", "error", "incomplete", "length", "content_filter"}
SIZES = (1 << 14, 13, 64, 300)


def seeds():
    """Every fixture, whole by one door and in small pieces by both."""
    for case in all_cases():
        both = (case / "request.http").read_bytes() + SPLIT + (case / "response.http").read_bytes()
        for first in (0, 5):
            yield f"{case.parent.name}-{case.name}-{first}", bytes([first]) + both


def run(data):
    """What the fuzzer calls."""
    first, rest = (data[0], data[1:]) if data else (0, b"")
    request, _, response = rest.partition(SPLIT)
    size = SIZES[first & 3]
    as_raw_bytes(request, response, size)
    if first & 4:
        by_both_doors(request, response, size)


def as_raw_bytes(request, response, size):
    """Whatever comes, the pipeline survives it and its account is exact."""
    pipeline = Pipeline(SETTINGS, strict=True)
    pipeline.feed(Process(T0, "ebpf", CALLER, None, "/usr/bin/python3", ("python3", "agent.py"), started=T0))
    for fact in chunks(request, response, size):
        pipeline.feed(fact)
    assert pipeline.account.open == 0
    assert pipeline.account.balanced
    assert not pipeline.account.swallowed


def by_both_doors(request, response, size):
    """Well-formed heads around hostile bodies: one meaning, all of it on the wire."""
    asked, answered = parted(request), parted(response)
    if (
        asked is None
        or answered is None
        or len(asked[0]) != 3
        or len(answered[0]) < 2
        or not answered[0][1].isdigit()
    ):
        return
    if (
        not (200 <= int(answered[0][1]) < 600)
        or int(answered[0][1]) in (204, 304)
        or asked[0][0] in ("HEAD", "CONNECT")
    ):
        return
    by_bytes = meaning(chunks(written(*asked), written(*answered), size))
    by_messages = meaning(messages(sized(*asked), sized(*answered), size))
    assert by_bytes == by_messages, (by_bytes, by_messages)
    if by_bytes:
        nothing_invented(by_bytes, asked, answered)


def parted(raw):
    """First line's words, fields, body; None where it is no plain message."""
    head, found, body = raw.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    words = lines[0].split(" ")
    if (
        not found
        or len(words) < 2
        or "" in words
        or any(not w.isprintable() or not w.isascii() for w in words)
    ):
        return None
    fields = []
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if not colon or not name.replace("-", "").isalnum() or not name.isascii() or not value.isprintable():
            return None
        fields.append((name, value.strip()))
    gone = (
        "transfer-encoding",
        "content-length",
        "content-encoding",
        "upgrade",
        "expect",
        "connection",
        "trailer",
    )
    kept = [(n, v) for n, v in fields if n.lower() not in gone and v.isascii()]
    if words[0] == "HTTP/1.1" or words[-1] == "HTTP/1.1":
        return words, kept, body
    return None


def written(words, fields, body):
    words, fields, body = sized(words, fields, body)
    lines = [" ".join(words), *(f"{n}: {v}" for n, v in fields)]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def sized(words, fields, body):
    return words, [*fields, ("Content-Length", str(len(body)))], body


def meaning(facts):
    """The operation's facts, times aside; None where nobody claims it."""
    wire, reading = Wire(b"salt"), None
    for fact in facts:
        for heard in wire.feed(fact):
            match heard:
                case Asked(exchange=exchange):
                    about = question(exchange)
                    dissector = choose(about)
                    reading = dissector.open(about, content=True) if dissector else None
                case Said(frame=frame) if reading:
                    reading.frame(frame)
                case Ended(exchange=exchange):
                    told = facts_of(reading.close(exchange)) if reading else None
                    return {k: v for k, v in told.items() if not k.endswith("_at")} if told else None
    return None


def nothing_invented(told, asked, answered):
    """Ids, models, names and reasons are texts of the wire; tokens are its numbers, or sums of them."""
    texts, numbers = said(asked, answered)
    names = [
        told.get("request_model"),
        told.get("response_model"),
        told.get("response_id"),
        told.get("conversation"),
    ]
    names += told.get("finish_reasons", [])
    for call in told.get("tool_calls", []):
        names += [call["name"], call.get("id")]
    everything = "\n".join(texts)
    pieces = [p for n in names if n and n not in OURS for p in n.split(MARK)]
    strange = [p for p in pieces if p not in everything]
    assert strange == [], strange
    most = sum(n for n in numbers if n > 0)
    usage = told.get("usage", {})
    assert [v for v in usage.values() if isinstance(v, int) and v > most] == [], usage


def said(asked, answered):
    texts, numbers = [unquote(asked[0][1])], [0]
    for _, fields, body in (asked, answered):
        whole = body.decode("utf-8", "replace")
        texts += [whole, whole.replace("\\", ""), *(v for _, v in fields)]
        numbers += [int(v) for _, v in fields if v.isascii() and v.isdecimal() and len(v) < 19]
        for piece in (whole, *whole.replace("\r", "\n").split("\n")):
            try:
                collect(
                    json.loads(piece[piece.find(":") + 1 :] if piece.startswith("data") else piece),
                    texts,
                    numbers,
                )
            except (ValueError, RecursionError):
                continue
        numbers += digits(whole)
    return [t.encode("utf-8", "replace").decode() for t in texts], numbers


def digits(text):
    found, run = [], ""
    for c in text + " ":
        if c.isascii() and c.isdigit():
            run += c
        elif run:
            found.append(int(run[:19]))
            run = ""
    return found


def collect(value, texts, numbers):
    stack = [value]
    while stack:
        one = stack.pop()
        if isinstance(one, dict):
            stack += [*one.keys(), *one.values()]
        elif isinstance(one, list):
            stack += one
        elif isinstance(one, str):
            texts.append(one)
        elif isinstance(one, int | float):
            numbers.append(one)
