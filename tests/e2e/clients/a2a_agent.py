"""An agent that others send messages to, over plain HTTP (A2A 0.3, JSON-RPC): prints its port, answers each with a completed task."""

import json
from http.server import BaseHTTPRequestHandler, HTTPServer


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        task = {"kind": "task", "id": "t-1", "contextId": "c-1", "status": {"state": "completed"}}
        said = json.dumps({"jsonrpc": "2.0", "id": asked["id"], "result": task}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *args):
        pass


server = HTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
