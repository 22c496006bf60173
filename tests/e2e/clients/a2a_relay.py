"""An agent among agents, over plain HTTP (A2A 0.3, JSON-RPC): asks its model, then the next agent, and answers with a completed task.

python a2a_relay.py HOST [MODEL [NEXT [TOOLS]]]     prints its port; MODEL and NEXT are base addresses, TOOLS an MCP server's script

Without a HOST it begins: it does its work once and ends.
"""

import http.client
import json
import subprocess
import sys
import uuid
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import urlsplit


def post(base, path, body):
    """One call on a connection of its own; the answer's JSON."""
    conn = http.client.HTTPConnection(urlsplit(base).netloc, timeout=20)
    conn.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
    said = json.loads(conn.getresponse().read())
    conn.close()
    return said


def think(model, text):
    ask = {"model": "gpt-4o", "messages": [{"role": "user", "content": text}]}
    return post(model, "/v1/chat/completions", ask)["choices"][0]["message"]["content"]


def send(base, text):
    message = {
        "kind": "message",
        "role": "user",
        "messageId": str(uuid.uuid4()),
        "parts": [{"kind": "text", "text": text}],
    }
    said = post(
        base, "/", {"jsonrpc": "2.0", "id": 1, "method": "message/send", "params": {"message": message}}
    )
    return said["result"]["status"]["state"]


def use(tools):
    """Two numbers are added by a tool of an MCP server of its own."""
    with subprocess.Popen(
        [sys.executable, tools], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:

        def ask(number, method, **params):
            server.stdin.write(
                json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}) + "\n"
            )
            server.stdin.flush()
            return json.loads(server.stdout.readline())["result"]

        ask(
            1,
            "initialize",
            protocolVersion="2025-06-18",
            capabilities={},
            clientInfo={"name": "c", "version": "1"},
        )
        ask(2, "tools/call", name="add", arguments={"a": 1, "b": 2})
        server.stdin.close()


def work(model, following, tools):
    if model:
        think(model, "words: 3")
    if tools:
        use(tools)
    return send(following, "go on") if following else "completed"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        task = {
            "kind": "task",
            "id": str(uuid.uuid4()),
            "contextId": str(uuid.uuid4()),
            "status": {"state": work(*ROUTE)},
        }
        said = json.dumps({"jsonrpc": "2.0", "id": asked["id"], "result": task}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *args):
        pass


host, *ROUTE = sys.argv[1:]
ROUTE = (*ROUTE, "", "", "")[:3]
if host:
    server = HTTPServer((host, 0), Handler)
    print(server.server_address[1], flush=True)
    server.serve_forever()
else:
    print(work(*ROUTE))
