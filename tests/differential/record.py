"""A server that says what it is told to, and what was said to it and by it as a HAR, under the vendor's own address.

The client under trial talks to a port of this host; what it is compared with is made of the very same bytes.
"""

import base64
import json
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

UNSET = object()


@dataclass(slots=True)
class Answer:
    """What the server says next."""

    body: bytes
    type: str = "application/json"
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()


def whole(value: Any, status: int = 200, *headers: tuple[str, str]) -> Answer:
    """A JSON answer."""
    return Answer(json.dumps(value).encode(), status=status, headers=headers)


def events(values: Iterable[Any], *, named: bool = False, last: str = "") -> Answer:
    """A stream of server-sent events. `named`: each by its `type`. `last`: what stands after them."""
    out = []
    for value in values:
        name = f"event: {value['type']}\n" if named else ""
        out.append(f"{name}data: {json.dumps(value)}\n\n")
    return Answer(("".join(out) + (f"data: {last}\n\n" if last else "")).encode(), "text/event-stream")


def lines(values: Iterable[Any]) -> Answer:
    """A stream of JSON lines."""
    return Answer("".join(json.dumps(v) + "\n" for v in values).encode(), "application/x-ndjson")


@dataclass
class Trial:
    """One run of one SDK: its server, and its cases as they are played."""

    sdk: str
    entries: list[dict[str, Any]] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        trial = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = (
                1 << 16
            )  # head and body in one segment: else each answer waits for a delayed acknowledgment

            def log_message(self, *_: Any) -> None:
                pass

            def handle_any(self) -> None:
                size = self.headers.get("content-length")
                body = self.rfile.read(int(size)) if size else _chunked(self)
                answer = trial.answer
                trial.heard.append((self.command, self.path, list(self.headers.items()), body, answer))
                self.send_response(answer.status)
                for name, value in (("content-type", answer.type), *answer.headers):
                    self.send_header(name, value)
                self.send_header("content-length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

            do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = handle_any

        self.heard: list[Any] = []
        self.answer = Answer(b"{}")
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.block_on_close = False  # a client keeps its connection
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """Where the client is to be pointed."""
        return f"http://127.0.0.1:{self.server.server_port}"

    def play(self, name: str, host: str, answer: Answer, call: Callable[[], dict[str, Any] | None]) -> None:
        """One case: the server's answer, the client's call, and what the client makes of it (None: it must be no model call)."""
        self.answer, self.heard = answer, []
        try:
            facts = call()
        except Exception as error:  # the SDK itself cannot read what its types allow
            self.broken.append(f"{name}: {type(error).__name__}: {str(error)[:160]}")
            return
        for at, heard in enumerate(self.heard):
            last = at == len(self.heard) - 1
            self.entries.append(
                self._entry(f"{self.sdk}/{name}" + ("" if last else f"#{at}"), host, heard, facts, last)
            )

    def put(
        self,
        name: str,
        host: str,
        path: str,
        body: Any,
        answer: Answer,
        facts: dict[str, Any] | None,
        *headers: tuple[str, str],
        method: str = "POST",
    ) -> None:
        """One case of a protocol whose messages are made of the SDK's types, without a client that sends them."""
        sent = json.dumps(body).encode() if body is not None else b""
        fields = [("content-type", "application/json"), *headers]
        self.entries.append(
            self._entry(f"{self.sdk}/{name}", host, (method, path, fields, sent, answer), facts, True)
        )

    def _entry(self, name: str, host: str, heard: Any, facts: Any, last: bool) -> dict[str, Any]:
        method, path, headers, body, answer = heard
        headers = [(k, host if k.lower() == "host" else v) for k, v in headers]
        return {
            "_id": name,
            "startedDateTime": f"2026-01-01T{len(self.entries) // 3600 % 24:02}:{len(self.entries) // 60 % 60:02}:{len(self.entries) % 60:02}Z",
            "time": 10,
            "timings": {"send": 1, "wait": 4, "receive": 5},
            "request": {
                "method": method, "url": f"https://{host}{path}", "httpVersion": "HTTP/1.1",
                "headers": [{"name": k, "value": v} for k, v in headers],
                "postData": {"mimeType": "", "text": base64.b64encode(body).decode(), "_encoding": "base64"},
            },
            "response": {
                "status": answer.status, "httpVersion": "HTTP/1.1",
                "headers": [{"name": k, "value": v} for k, v in (("content-type", answer.type), *answer.headers)],
                "content": {"mimeType": answer.type, "text": base64.b64encode(answer.body).decode(), "encoding": "base64"},
            },
            "_facts": facts, "_last": last,
        }  # fmt: skip

    def write(self, folder: Path) -> None:
        """The cases as a HAR, and what the SDK could not read."""
        self.server.shutdown()
        self.server.server_close()
        (folder / f"{self.sdk}.har").write_text(
            json.dumps(
                {
                    "log": {
                        "version": "1.2",
                        "creator": {"name": "differential", "version": "1"},
                        "entries": self.entries,
                    }
                }
            )
        )
        print(
            f"{self.sdk}: {len(self.entries)} exchanges, {len(self.broken)} cases that the SDK itself cannot read"
        )
        for line in self.broken[:12]:
            print("  ", line)


def _chunked(handler: BaseHTTPRequestHandler) -> bytes:
    if handler.headers.get("transfer-encoding", "").lower() != "chunked":
        return b""
    out = b""
    while size := int(handler.rfile.readline().split(b";")[0], 16):
        out += handler.rfile.read(size)
        handler.rfile.readline()
    handler.rfile.readline()
    return out


def host_of(url: str) -> str:
    """The address of a URL."""
    return urlsplit(url).netloc
