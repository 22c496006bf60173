"""A local model server over TLS (or cleartext): scripted answers in vendors' shapes, for the demo and for trials.

  python -m hexr_autoinst.demo.server --cert c.pem --key k.pem      prints its port, ends with its standard input

HTTP/1.1 with keep-alive. `x-pace-ms` in a request spaces the events of a stream.
"""

import argparse
import json
import ssl
import sys
import threading
import time
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from hexr_autoinst.demo import answers, vectors

_ROUTES: Final = {
    "/v1/chat/completions": (answers.chat, answers.chat_stream),
    "/v1/responses": (answers.responses, answers.responses_stream),
    "/v1/messages": (answers.messages, answers.messages_stream),
    "/v1/embeddings": (vectors.embeddings, None),
}
MAX_BODY: Final = 64 << 20


class Handler(BaseHTTPRequestHandler):
    """One connection. Streams leave chunk by chunk, as a real server sends them."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        """Answer one call."""
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(min(length, MAX_BODY))
        route = _ROUTES.get(self.path.partition("?")[0])
        try:
            request: dict[str, Any] = json.loads(body)
            if route is None:
                raise answers.Refused(
                    404, {"error": {"message": f"no route {self.path}", "type": "invalid_request_error"}}
                )
            whole, stream = route
            if stream and request.get("stream"):
                self._stream(stream(request))
            else:
                self._json(200, whole(request))
        except answers.Refused as refused:
            self._json(refused.status, refused.body)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            self._json(400, {"error": {"message": f"bad request: {error}", "type": "invalid_request_error"}})

    def do_GET(self) -> None:
        """Something that is no model call."""
        self._json(200, {"status": "ok"})

    def _json(self, status: int, value: Any) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _stream(self, events: Iterable[tuple[str, Any]]) -> None:
        pace = float(self.headers.get("x-pace-ms") or 0) / 1_000
        first = True
        for name, data in events:
            if first:
                self.send_response(200)
                self.send_header("Content-Type", "text/event-stream")
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                first = False
            text = data if isinstance(data, str) else json.dumps(data)
            frame = (f"event: {name}\n" if name else "") + f"data: {text}\n\n"
            raw = frame.encode()
            self.wfile.write(b"%x\r\n%s\r\n" % (len(raw), raw))
            if pace:
                time.sleep(pace)
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Silent: the client tells what happened."""


class Server(ThreadingHTTPServer):
    """A thread for each connection; a client that hangs up is no event."""

    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Only unexpected faults are worth a line."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


def serve(port: int = 0, cert: str = "", key: str = "", host: str = "127.0.0.1") -> Server:
    """A server that listens on loopback; the caller runs `serve_forever`."""
    server = Server((host, port), Handler)
    if cert:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
        # The handshake is done on the connection's own thread, at its first read.
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    return server


def main() -> int:
    """Serve until standard input ends."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address")
    parser.add_argument("--cert", default="")
    parser.add_argument("--key", default="")
    args = parser.parse_args()
    server = serve(args.port, args.cert, args.key, args.host)
    print(server.server_address[1], flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()
    server.shutdown()
    return 0


if __name__ == "__main__":
    sys.exit(main())
