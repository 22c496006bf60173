"""A model that says what the task tells it to: `wait ; bash=echo 1 + wait ; say` is one tool, then two at once, then an answer.

The task of an agent within an agent has `,` where the outer one has `;`. An answer takes 150 ms, as no real one would.
"""

import json
import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def steps(task):
    """Each answer as the tools that it asks for."""
    text = re.sub(r"^[a-z ]+: ", "", task)
    return [[c.strip().partition("=")[::2] for c in step.split(" + ")] for step in text.split(" ; ")]


def answer(request):
    """`POST /v1/chat/completions`, whole."""
    messages = request["messages"]
    task = next(m["content"] for m in messages if m["role"] == "user")
    turn = sum(m["role"] == "assistant" for m in messages)
    wanted = steps(task)[turn]
    said = {"role": "assistant", "content": "as you like"}
    finish = "stop"
    if wanted != [("say", "")]:
        finish = "tool_calls"
        nested = {"agent": lambda w: w.replace(" , ", " ; ")}
        calls = [
            {"id": f"call_{abs(hash((task, turn, n))):x}", "type": "function",
             "function": {"name": name, "arguments": json.dumps({"what": nested.get(name, str)(what)})}}
            for n, (name, what) in enumerate(wanted)
        ]  # fmt: skip
        said = {"role": "assistant", "content": None, "tool_calls": calls}
    size = sum(len(json.dumps(m)) for m in messages) // 4
    return {
        "id": f"chatcmpl-{abs(hash((task, turn))):x}", "object": "chat.completion", "created": 1, "model": "gpt-4o-2024-08-06",
        "choices": [{"index": 0, "finish_reason": finish, "message": said}],
        "usage": {"prompt_tokens": size, "completion_tokens": 12, "total_tokens": size + 12},
    }  # fmt: skip


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        time.sleep(0.15)
        body = json.dumps(answer(request)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


def serve(context=None):
    """A server on loopback, running; over TLS where a context is given."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
