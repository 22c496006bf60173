import json
import struct
import zlib

import pytest

from hexr_autoinst.dissect.claim import Claim
from hexr_autoinst.dissect.effects.agentcore import EFFECT
from hexr_autoinst.dissect.question import Question
from tests.dissect.effects.doors import facts, only, post
from tests.dissect.protocols.asking import exchange

RUN = ("service", "language", "exit_code", "error.type")
URL = (
    "https://bedrock-agentcore.us-east-1.amazonaws.com/code-interpreters/aws.codeinterpreter.v1/tools/invoke"
)
SENT = (("content-type", "application/vnd.amazon.eventstream"),)


def event(name, value, kind="event"):
    """A message of Amazon's event streams."""
    head = b""
    for key, said in ((f":{kind}-type", name), (":message-type", kind)):
        head += bytes([len(key)]) + key.encode() + b"\x07" + struct.pack(">H", len(said)) + said.encode()
    body = json.dumps(value).encode()
    start = struct.pack(">II", 16 + len(head) + len(body), len(head))
    message = start + struct.pack(">I", zlib.crc32(start)) + head + body
    return message + struct.pack(">I", zlib.crc32(message))


@pytest.mark.parametrize(
    ("asked", "result", "want"),
    [
        ({"name": "executeCode", "arguments": {"code": "print(1)", "language": "python"}},
         {"content": [{"type": "text", "text": "1"}], "structuredContent": {"stdout": "1", "exitCode": 0}, "isError": False}, {"language": "python", "exit_code": 0}),
        ({"name": "executeCommand", "arguments": {"command": "false"}}, {"structuredContent": {"exitCode": 1}, "isError": True}, {"exit_code": 1, "error.type": "exit_1"}),
        ({"name": "startCommandExecution", "arguments": {"command": "sleep 9"}}, {"structuredContent": {"taskStatus": "working"}}, {}),
        ({"name": "executeCode", "arguments": {"code": "x"}}, {"content": [], "isError": True}, {"error.type": "tool_error"}),
    ],
)  # fmt: skip
def test_what_runs_is_told_with_how_it_ended(asked, result, want):
    name, failed, said = only(post(URL, asked, event("result", result), answer_headers=SENT))

    assert ("hexr.sandbox.exec", "error.type" in want) == (name, failed)
    assert {"service": "agentcore", **want} == facts(said, *RUN)


def test_a_tool_that_runs_nothing_is_no_run():
    asked = exchange({"name": "listFiles", "arguments": {"directoryPath": "/"}}, url=URL)

    assert EFFECT.claim(Question(asked)) is Claim.NO


def test_what_may_not_be_run_fails_by_its_status():
    asked = {"name": "executeCode", "arguments": {"code": "x"}}
    headers = (("x-amzn-errortype", "ThrottlingException"),)
    _, failed, said = only(post(URL, asked, {"message": "m"}, status=429, answer_headers=headers))

    assert (failed, said["error.type"]) == (True, "429")
