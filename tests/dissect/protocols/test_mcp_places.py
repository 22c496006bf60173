"""MCP's places name what spans tell without content. Whole conversations: tests/test_veil.py."""

import json

from hexr_autoinst.dissect.protocols.mcp_places import HTTP, PIPE, posted
from hexr_autoinst.dissect.veil import veiled_frame
from hexr_autoinst.model.exchange import Frame


def seen(value):
    return json.loads(veiled_frame(Frame(1, "line", "", json.dumps(value)), PIPE).data)


def test_of_a_call_stay_its_method_id_tool_and_the_names_of_its_arguments():
    meta = {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "progressToken": 3,
        "customer": "Ann",
        "age": 42,
    }
    asked = {"jsonrpc": "2.0", "id": "a b", "method": "tools/call", "params": {"name": "send mail", "arguments": {"to": "Ann", "n": 7}, "_meta": meta}}  # fmt: skip

    assert seen(asked) == {
        "jsonrpc": "2.0",
        "id": "a b",
        "method": "tools/call",
        "params": {
            "name": "send mail",
            "arguments": {"to": "~ 16", "n": 0},
            "_meta": {"io.modelcontextprotocol/protocolVersion": "2026-07-28", "progressToken": 3, "customer": "~ 16", "age": 0},
        },
    }  # fmt: skip


def test_of_an_answer_stays_whether_it_failed():
    result = {
        "content": [{"type": "text", "text": "no"}],
        "isError": True,
        "structuredContent": {"balance": 12},
    }
    error = {"code": -32602, "message": "no such Ann"}

    assert seen({"jsonrpc": "2.0", "id": 1, "result": result})["result"] == {
        "content": [{"~0": "~ 16", "~1": "~ 16"}],
        "isError": True,
        "structuredContent": {"~0": 0},
    }
    assert seen({"jsonrpc": "2.0", "id": 1, "error": error})["error"] == {"code": -32602, "message": "~ 16"}


def test_an_address_that_the_server_gave_is_kept_with_its_query():
    assert ("?session_id", "?x") == posted("session_id=3a&x")
    assert () == posted("")
    assert set(PIPE) < set(HTTP)
