"""What is too large or of no known version: told as far as it goes, and no call more. Other bad input: `talks/*bad*`, `*duplicate*`, `*errors*`."""

import json

import pytest

from tests.dissect.protocols.conversation import Conversation, told

JSON = {"content-type": "application/json"}
LONG = "y" * 10_000_000
TASK = {"id": "t-1", "contextId": "c-1"}
DONE = {"status": {"state": "TASK_STATE_COMPLETED"}}
ARTIFACT = {"artifactId": "a-1", "parts": [{"text": LONG}]}


def rpc(method, **headers):
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": {"message": {"messageId": "m-1"}}}
    return {"open": "x", "url": "POST http://h.test/", "headers": {**JSON, **headers}, "body": body}


def event(result):
    said = json.dumps({"jsonrpc": "2.0", "id": 1, "result": result})
    return {"part": "x", "text": f"data: {said}\n\n"}


def run(*steps):
    done = Conversation().run([{"at": 0, **steps[0]}, *steps[1:]]).done
    return [{**told(*one), "cut": one[0].missing} for one in done]


def test_the_state_of_a_task_is_told_behind_an_artifact_of_ten_megabytes():
    answer = {"jsonrpc": "2.0", "id": 1, "result": {"task": {**TASK, "artifacts": [ARTIFACT], **DONE}}}
    asked = rpc("SendMessage", **{"a2a-version": "1.0"})
    (call,) = run(asked, {"answer": "x", "status": 200, "headers": JSON, "body": answer})

    assert ("t-1", "completed") == (call["facts"].get("a2a.task"), call["facts"].get("a2a.state")), call
    assert ("truncated:response",) == call["cut"]


def test_a_stream_goes_on_behind_an_artifact_of_ten_megabytes():
    (call,) = run(
        rpc("SendStreamingMessage", **{"a2a-version": "1.0"}),
        {"head": "x", "headers": {"content-type": "text/event-stream"}},
        event({"task": {**TASK, "status": {"state": "TASK_STATE_WORKING"}}}),
        event({"artifactUpdate": {"taskId": "t-1", "contextId": "c-1", "artifact": ARTIFACT}}),
        event({"statusUpdate": {"taskId": "t-1", "contextId": "c-1", **DONE}}),
        {"end": "x"},
    )

    assert ("t-1", "completed") == (call["facts"].get("a2a.task"), call["facts"].get("a2a.state")), call


@pytest.mark.parametrize(
    ("method", "header", "version", "code"),
    [
        ("SendMessage", "a2a-version", "9.9", "-32009"),
        ("tools/list", "mcp-protocol-version", "1999-12-31", "-32004"),
        ("tools/list", "mcp-protocol-version", "2025-06-18\u00e9", "-32600"),
    ],
)
def test_a_version_that_nobody_speaks_is_the_calls_error(method, header, version, code):
    error = {"jsonrpc": "2.0", "id": 1, "error": {"code": int(code), "message": "no"}}
    (call,) = run(
        rpc(method, **{header: version}), {"answer": "x", "status": 400, "headers": JSON, "body": error}
    )

    assert (method, code) == (call["method"], call["failure"])
