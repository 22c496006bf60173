import asyncio
import json
from collections import Counter

import pytest

pytest.importorskip("h11", reason="mitmproxy's environment is not here (HEXR_PROXY_PYTHON names it)")

from proxy_addons.guard_client import LONGEST, Answer, Client

OBJECTS = {"is_valid": False, "scanners": {"Toxicity": 0.9, "PromptInjection": 1.0, "Secrets": -1.0}}


def asked(answer, timeout=2.0, times=1):
    """What the client makes of a server that reads one request and sends `answer` (None: nothing, and stays); what it was sent; the counts."""
    heard = []

    async def serve(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
        heard.append(head + await reader.readexactly(length))
        if answer is None:
            await reader.read()
        else:
            writer.write(answer)
        writer.close()

    async def main():
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        counts = Counter()
        client = Client(f"http://127.0.0.1:{port}/base/", timeout, counts)
        found = await asyncio.gather(
            *[client.ask("/analyze/prompt", b'{"prompt": "p"}') for _ in range(times)]
        )
        server.close()
        return found, heard, counts

    return asyncio.run(main())


def response(status=200, body=b"", more=b""):
    return b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n%s\r\n" % (status, len(body), more) + body


def test_a_question_is_asked_and_its_answer_read():
    (answer,), (heard,), counts = asked(response(body=json.dumps(OBJECTS).encode()))

    assert heard.startswith(b"POST /base/analyze/prompt HTTP/1.1\r\n")
    assert heard.endswith(b'{"prompt": "p"}')
    assert answer.blocking() == ("PromptInjection", "Toxicity")
    assert counts == {"guard_answers": 1}


@pytest.mark.parametrize(
    ("answer", "count"),
    [
        (None, "guard_timeouts"),
        (b"", "guard_failures"),
        (b"nonsense\r\n\r\n", "guard_failures"),
        (b"HTTP/1.1 200 X\r\nContent-Length: 9\r\n\r\nabc", "guard_failures"),
        (response(body=b"x" * (LONGEST + 1)), "guard_failures"),
        (response(500, b"{}"), "guard_refusals"),
    ],
    ids=["silent", "gone", "nonsense", "cut", "too long", "refuses"],
)
def test_a_guard_that_fails_objects_to_nothing_and_is_counted(answer, count):
    (found,), _, counts = asked(answer, timeout=0.3)

    assert found.blocking() == ()
    assert counts == {count: 1}


def test_nobody_is_there():
    async def main():
        counts = Counter()
        return await Client("http://127.0.0.1:1", 1.0, counts).ask("/analyze/prompt", b"{}"), counts

    assert asyncio.run(main()) == (Answer(), {"guard_failures": 1})


def test_too_many_at_one_time_are_let_pass():
    found, heard, counts = asked(response(body=b'{"is_valid": true}'), times=70)

    assert counts == {"guard_answers": 64, "guard_busy": 6}
    assert [len(found), len(heard)] == [70, 64]


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"is_valid": true}', b'{"is_valid": null}', b'{"is_valid": false, "scanners": {"a": "x"}}', b"[" * 90_000]
)  # fmt: skip
def test_only_a_clear_no_is_an_objection(body):
    assert Answer(200, (), body).blocking() == ()
    assert Answer(200, (), b'{"is_valid": false}').blocking() == ("guard",)
    assert Answer(403, (), json.dumps(OBJECTS).encode()).blocking() == ()
