"""An MCP server over stdio as its specification describes one (2025-06-18, transports): one tool, one that fails."""

import json
import sys

TOOLS = [{"name": n, "inputSchema": {"type": "object"}} for n in ("add", "fail")]


def answer(method, params):
    if method == "initialize":
        return {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}, "serverInfo": {"name": "s", "version": "1"}}  # fmt: skip
    if method == "tools/list":
        return {"tools": TOOLS}
    if params["name"] == "fail":
        return {"content": [{"type": "text", "text": "no"}], "isError": True}
    return {"content": [{"type": "text", "text": str(sum(params["arguments"].values()))}]}


for line in sys.stdin:
    asked = json.loads(line)
    if "id" in asked:
        said = {"jsonrpc": "2.0", "id": asked["id"], "result": answer(asked["method"], asked["params"])}
        print(json.dumps(said), flush=True)
