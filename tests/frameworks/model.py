"""A model that plays parts: what it asks for next is in `parts.py`, under the name that the task says (`play left`), or the instructions (`your part is cook`).

OpenAI chat completions and Responses, Anthropic messages and Gemini, whole and streamed, as their references give them. It keeps nothing: how far a
part is, it reads from the answers that the request holds. A tool that the request does not offer it does not ask for. Ids are random, as real ones are.

  python -m tests.frameworks.model [--cert c.pem --key k.pem] [--host 127.0.0.2]      prints its port, ends with its standard input
"""

import argparse
import json
import os
import re
import secrets
import ssl
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.frameworks.parts import PARTS

PATIENCE = 0.12  # seconds to an answer: what is asked at one time is open at one time


def text(value):
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return " ".join(text(v) for v in value)
    if isinstance(value, dict):
        return " ".join(text(value[k]) for k in ("text", "content", "parts") if k in value)
    return ""


def said(request):
    """Who said what, in order: (role, text). What the model says in several pieces is one answer."""
    heads = [request.get(k) for k in ("system", "instructions", "systemInstruction")]
    rows = [("system", text(h)) for h in heads if h]
    given = request.get("messages") or request.get("input") or request.get("contents") or []
    for one in [{"role": "user", "content": given}] if isinstance(given, str) else given:
        kind = one.get("type", "message")
        mine = one.get("role") in ("assistant", "model") or kind in (
            "function_call",
            "custom_tool_call",
            "reasoning",
        )
        role = "mine" if mine else "tool" if kind != "message" else one.get("role", "user")
        if role != "mine" or not rows or rows[-1][0] != "mine":
            rows.append((role, text(one)))
    return rows


def offered(request):
    """The names of the tools."""
    names = set()
    for tool in request.get("tools") or []:
        for one in tool.get("functionDeclarations") or [tool]:
            names.add(one.get("name") or (one.get("function") or {}).get("name") or one.get("type"))
    return names


def step(request):
    """What comes next: a text, or the tools as (id, name, arguments)."""
    rows = said(request)
    begun, part = 0, None
    for n, (role, words) in enumerate(rows):
        if role in ("system", "developer") and (found := re.search(r"[Yy]our part is ([a-z_]+)", words)):
            begun, part = 0, found[1]
            break
        if role == "user" and (found := re.search(r"\bplay ([a-z_]+)", words)):
            begun, part = n, found[1]
    steps = PARTS.get(part, [])
    done = sum(role == "mine" for role, _ in rows[begun:])
    # smolagents does not repeat an answer whose tools have failed: what it says instead stands for it.
    if part and part.endswith("_final"):
        done += sum(words.count("Now let's retry") for role, words in rows[begun:] if role == "user")
    wanted = steps[done] if done < len(steps) else "As you like."
    if isinstance(wanted, str):
        return wanted
    known = offered(request)
    calls = [
        (next((n for n in names.split("|") if n in known), None), arguments) for names, arguments in wanted
    ]
    if any(name is None for name, _ in calls):
        return "As you like."
    return [(f"call_{secrets.token_hex(12)}", name, arguments) for name, arguments in calls]


def size(request):
    return len(json.dumps(request)) // 4


def chat(request, wanted):
    message = {"role": "assistant", "content": wanted if isinstance(wanted, str) else None}
    if not isinstance(wanted, str):
        message["tool_calls"] = [
            {"id": i, "type": "function", "function": {"name": n, "arguments": json.dumps(a)}}
            for i, n, a in wanted
        ]
    finish = "stop" if isinstance(wanted, str) else "tool_calls"
    count = size(request)
    return {
        "id": f"chatcmpl-{secrets.token_hex(12)}", "object": "chat.completion", "created": 1, "model": request["model"],
        "choices": [{"index": 0, "finish_reason": finish, "message": message}],
        "usage": {"prompt_tokens": count, "completion_tokens": 9, "total_tokens": count + 9},
    }  # fmt: skip


def chat_stream(request, wanted):
    whole = chat(request, wanted)
    choice, usage = whole["choices"][0], whole.pop("usage")
    delta = choice["message"]
    for n, call in enumerate(delta.get("tool_calls", [])):
        call["index"] = n
    for one, finish in (
        ({"role": "assistant", "content": ""}, None),
        (delta, None),
        ({}, choice["finish_reason"]),
    ):
        yield (
            "",
            {
                **whole,
                "object": "chat.completion.chunk",
                "choices": [{"index": 0, "delta": one, "finish_reason": finish}],
            },
        )
    if (request.get("stream_options") or {}).get("include_usage"):
        yield "", {**whole, "object": "chat.completion.chunk", "choices": [], "usage": usage}
    yield "", "[DONE]"


def responses(request, wanted):
    if isinstance(wanted, str):
        parts = [{"type": "output_text", "text": wanted, "annotations": []}]
        output = [
            {
                "type": "message",
                "id": f"msg_{secrets.token_hex(12)}",
                "role": "assistant",
                "status": "completed",
                "content": parts,
            }
        ]
    else:
        output = [
            {
                "type": "function_call",
                "id": f"fc_{secrets.token_hex(12)}",
                "call_id": i,
                "name": n,
                "arguments": json.dumps(a),
                "status": "completed",
            }
            for i, n, a in wanted
        ]
    count = size(request)
    return {
        "id": f"resp_{secrets.token_hex(12)}", "object": "response", "created_at": 1, "status": "completed", "error": None,
        "incomplete_details": None, "model": request["model"], "output": output, "parallel_tool_calls": True, "tool_choice": "auto",
        "tools": [], "usage": {
            "input_tokens": count, "input_tokens_details": {"cached_tokens": 0}, "output_tokens": 9,
            "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": count + 9,
        },
    }  # fmt: skip


def responses_stream(request, wanted):
    whole = responses(request, wanted)
    events = [
        ("response.created", {"response": {**whole, "status": "in_progress", "output": [], "usage": None}})
    ]
    for n, item in enumerate(whole["output"]):
        events.append(
            ("response.output_item.added", {"output_index": n, "item": {**item, "status": "in_progress"}})
        )
        if item["type"] == "message":
            delta = {
                "item_id": item["id"],
                "output_index": n,
                "content_index": 0,
                "delta": item["content"][0]["text"],
                "logprobs": [],
            }
            events.append(("response.output_text.delta", delta))
        events.append(("response.output_item.done", {"output_index": n, "item": item}))
    events.append(("response.completed", {"response": whole}))
    for n, (name, body) in enumerate(events):
        yield name, {"type": name, "sequence_number": n, **body}


def messages(request, wanted):
    blocks = [{"type": "text", "text": wanted}] if isinstance(wanted, str) else [
        {"type": "tool_use", "id": i.replace("call_", "toolu_"), "name": n, "input": a} for i, n, a in wanted
    ]  # fmt: skip
    return {
        "id": f"msg_{secrets.token_hex(12)}", "type": "message", "role": "assistant", "model": request["model"], "content": blocks,
        "stop_reason": "end_turn" if isinstance(wanted, str) else "tool_use", "stop_sequence": None,
        "usage": {"input_tokens": size(request), "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0, "output_tokens": 9},
    }  # fmt: skip


def messages_stream(request, wanted):
    whole = messages(request, wanted)
    yield "message_start", {"type": "message_start", "message": {**whole, "content": [], "stop_reason": None}}
    for n, block in enumerate(whole["content"]):
        tool = block["type"] == "tool_use"
        empty = {**block, "input": {}} if tool else {"type": "text", "text": ""}
        delta = (
            {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
            if tool
            else {"type": "text_delta", "text": block["text"]}
        )
        yield "content_block_start", {"type": "content_block_start", "index": n, "content_block": empty}
        yield "content_block_delta", {"type": "content_block_delta", "index": n, "delta": delta}
        yield "content_block_stop", {"type": "content_block_stop", "index": n}
    end = {"stop_reason": whole["stop_reason"], "stop_sequence": None}
    yield "message_delta", {"type": "message_delta", "delta": end, "usage": {"output_tokens": 9}}
    yield "message_stop", {"type": "message_stop"}


def gemini(request, wanted):
    parts = (
        [{"text": wanted}]
        if isinstance(wanted, str)
        else [{"functionCall": {"name": n, "args": a}} for _, n, a in wanted]
    )
    count = size(request)
    return {
        "candidates": [{"content": {"role": "model", "parts": parts}, "finishReason": "STOP", "index": 0}],
        "usageMetadata": {"promptTokenCount": count, "candidatesTokenCount": 9, "totalTokenCount": count + 9},
        "modelVersion": "gemini-2.5-flash", "responseId": secrets.token_urlsafe(16),
    }  # fmt: skip


def gemini_stream(request, wanted):
    yield "", gemini(request, wanted)


ROUTES = {
    "/chat/completions": (chat, chat_stream), "/responses": (responses, responses_stream), "/messages": (messages, messages_stream),
    ":generateContent": (gemini, gemini_stream), ":streamGenerateContent": (gemini, gemini_stream),
}  # fmt: skip


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self):
        request = self._read()
        path = self.path.partition("?")[0]
        route = next((both for end, both in ROUTES.items() if path.endswith(end)), None)
        if route is None:
            self._whole({"error": {"message": f"no such path: {path}"}}, 404)
            return
        time.sleep(PATIENCE)
        wanted = step(request)
        if os.environ.get("SHOW"):
            print(
                path,
                sorted(map(str, offered(request))),
                [(r, t[:60]) for r, t in said(request)][-4:],
                wanted,
                file=sys.stderr,
            )
        if request.get("stream") or path.endswith(":streamGenerateContent"):
            self._streamed(route[1](request, wanted))
        else:
            self._whole(route[0](request, wanted))

    def do_GET(self):
        self._whole({"data": []}, 404)

    do_HEAD = do_GET  # noqa: N815 - the base class's name

    def _read(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        return json.loads(body or b"{}")

    def _whole(self, value, status=200):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body if self.command != "HEAD" else b"")

    def _streamed(self, events):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for name, value in events:
            said = value if isinstance(value, str) else json.dumps(value)
            frame = (f"event: {name}\n" if name else "") + f"data: {said}\n\n"
            self.wfile.write(b"%x\r\n%s\r\n" % (len(frame.encode()), frame.encode()))
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *args):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


def serve(pem="", key="", host="127.0.0.1"):
    """A server on loopback, running; over TLS where a certificate is given."""
    server = Server((host, 0), Handler)
    if pem:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem, key)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--cert", default="")
    parser.add_argument("--key", default="")
    parser.add_argument("--host", default="127.0.0.1")
    args = parser.parse_args()
    print(serve(args.cert, args.key, args.host).server_address[1], flush=True)
    sys.stdin.read()
