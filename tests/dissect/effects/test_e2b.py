import json

import pytest

from hexr_autoinst.dissect.effects.e2b import messages
from tests.dissect.effects.doors import Talk, facts, only, post, tell

RUN = ("service", "language", "timeout", "exit_code", "error.type")
CODE = {"code": "1/0", "context_id": None, "language": "python", "env_vars": {"A": "b"}}
AT = "https://49999-i7abc.e2b.app/execute"
START = "https://49983-i7abc.e2b.app/process.Process/Start"


def lines(*said):
    return b"".join(json.dumps(one).encode() + b"\n" for one in said)


def framed(*said, end=None):
    out = b"".join(b"\0" + len(d := json.dumps(one).encode()).to_bytes(4, "big") + d for one in said)
    return out + (
        b"\x02" + len(d := json.dumps(end).encode()).to_bytes(4, "big") + d if end is not None else b""
    )


@pytest.mark.parametrize("streamed", [False, True])
def test_an_error_of_the_code_is_an_error_of_the_run_without_an_exit_code(streamed):
    answer = lines(
        {"type": "number_of_executions", "execution_count": 1},
        {"type": "stdout", "text": "hello\n", "timestamp": 1},
        {"type": "error", "name": "ZeroDivisionError", "value": "division by zero", "traceback": "…"},
        {"type": "end_of_execution"},
    )
    headers = (
        ("Content-Type", "application/json"),
        *((("Transfer-Encoding", "chunked"),) if streamed else ()),
    )
    name, failed, said = only(post(AT, CODE, answer, answer_headers=headers), veil=streamed)

    assert ("hexr.sandbox.exec", True) == (name, failed)
    assert {"service": "e2b", "language": "python", "error.type": "ZeroDivisionError"} == facts(said, *RUN)


def test_code_that_runs_is_no_error():
    answer = lines({"type": "stdout", "text": "1"}, {"type": "result", "text": "2", "is_main_result": True})
    _, failed, said = only(post(AT, {**CODE, "language": None}, answer))

    assert (False, {"service": "e2b"}) == (failed, facts(said, *RUN))


def connect(cmd, *said, args=(), end=None, **more):
    headers = (("Content-Type", "application/connect+json"), ("Connect-Timeout-Ms", "60000"))
    asked = framed({"process": {"cmd": cmd, "args": list(args), "cwd": "/"}, "stdin": False})
    typed = (("Content-Type", "application/connect+json"),)
    return Talk("POST", START, asked, framed(*said, end=end), headers=headers, answer_headers=typed, **more)


@pytest.mark.parametrize(
    ("end", "exit_code", "error"),
    [
        ({"exited": True, "status": "exit status 0"}, 0, None),
        ({"exitCode": 3, "exited": True, "status": "exit status 3"}, 3, "exit_3"),
        ({"exitCode": -1, "status": "signal: killed"}, -1, "exit_-1"),
    ],
)
def test_a_process_ends_with_its_code(end, exit_code, error):
    events = (
        {"event": {"start": {"pid": 7}}},
        {"event": {"data": {"stdout": "aGk="}}},
        {"event": {"end": end}},
    )
    _, failed, said = only(connect("/bin/bash", *events, args=("-l", "-c", "ls"), end={}), veil=False)

    want = {"service": "e2b", "language": "bash", "timeout": 60.0, "exit_code": exit_code}
    assert want | ({"error.type": error} if error else {}) == facts(said, *RUN)
    assert bool(error) == failed


@pytest.mark.parametrize(
    ("cmd", "language"), [("/usr/bin/python3.11", "python"), ("node", "javascript"), ("ls", None)]
)
def test_a_language_is_that_of_a_known_interpreter(cmd, language):
    _, _, said = only(connect(cmd, {"event": {"keepalive": {}}}), veil=False)

    assert language == said.get("language")


def test_a_stream_that_ends_in_an_error_failed():
    _, failed, said = only(connect("ls", end={"error": {"code": "not_found", "message": "x"}}), veil=False)

    assert (True, "not_found") == (failed, said["error.type"])


def test_other_code_that_is_executed_elsewhere_is_nobodys():
    assert [] == tell(post("http://h.test/execute", {"code": "x"}, {}))


@pytest.mark.parametrize(
    "body", [b"", b"\0\0\0\0\x09{}", b"\x01\0\0\0\x02{}", b"\0\xff\xff\xff\xff{}", b"\0\0\0\0\x02no"]
)
def test_what_is_no_message_is_none(body):
    assert [] == list(messages(body))
