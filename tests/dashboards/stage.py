"""A host on which everything happens that a panel shows: facts for the real pipeline, round after round, and what no fact of a test can say.

Three agents of two tenants talk to each other over A2A, each seen at its own end, ask models, and call a tool over MCP. One of them
gets credentials, reads a vault, keeps things in a store. A guard's verdict alone is given as an operation.
"""

import json
from dataclasses import dataclass, field, replace

from hexr_autoinst.config import Config, Session
from hexr_autoinst.model.exchange import Exchange, Request, Response
from hexr_autoinst.model.facts import (
    Address,
    Chunk,
    Closed,
    Conn,
    Data,
    End,
    Exited,
    Handshake,
    Head,
    Health,
    Key,
    Lost,
    Opened,
    Process,
    Tick,
)
from hexr_autoinst.model.operation import Effect
from hexr_autoinst.pipeline import Pipeline
from hexr_autoinst.semconv.measurement import Measurement
from hexr_autoinst.settings import settings

S = 1_000_000_000
MS = 1_000_000
T0 = 1_800_000_000 * S
BOSS, ANALYST, WRITER = Key(100, 1), Key(200, 1), Key(300, 1)
_EVENT = "data: {}\n\n"
_USAGE = {"prompt_tokens": 30, "completion_tokens": 12, "total_tokens": 42}
_FAR = Address("93.184.216.34", 443)
# The word of the round: how a task goes.
_WAYS = (
    ("submitted", "working", "completed"),
    ("submitted", "working", "failed"),
    ("submitted", "working", "completed"),
    ("working", "input_required"),
    ("submitted", "rejected"),
    ("submitted", "working", "canceled"),
)


def _post(host, path, body):
    text = json.dumps(body)
    head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {len(text)}\r\n\r\n"
    return (head + text).encode()


def _json(body, status="200 OK"):
    text = json.dumps(body)
    return f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(text)}\r\n\r\n{text}".encode()


def _text(text, status="200 OK"):
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(text)}\r\n\r\n{text}".encode()


_SSE = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


def _piece(value):
    data = _EVENT.format(value if isinstance(value, str) else json.dumps(value)).encode()
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


_LAST = b"0\r\n\r\n"


@dataclass
class Stage:
    """`measure` takes the measurements. `round()` plays one more; `report()` is what the daemon says of itself."""

    measure: object
    pipeline: Pipeline = field(
        default_factory=lambda: Pipeline(settings(Config(), Session(0, "aa", "bb", "stage")), strict=True)
    )
    spans: int = 0
    rounds: int = 0
    at: int = T0
    handles: int = 0

    def begin(self):
        """Three agents, declared by their own environment."""
        for key, name, tenant in (
            (BOSS, "orchestrator", "acme"),
            (ANALYST, "analyst", "beta"),
            (WRITER, "writer", "acme"),
        ):
            env = {"HEXR_AGENT_NAME": name, "HEXR_TENANT": tenant}
            self._feed(
                Process(
                    self.at,
                    "ebpf",
                    key,
                    None,
                    "/usr/bin/python3",
                    ("python3", "-m", name),
                    env,
                    started=self.at,
                )
            )
        self._hold(self._send("submitted", "working")[:4])
        self._identity()

    def round(self):
        """Everything once."""
        self.rounds += 1
        self._model("gpt-4o", 0.2 + 0.1 * (self.rounds % 5), failed=self.rounds % 6 == 0)
        self._talk(_WAYS[self.rounds % len(_WAYS)])
        if self.rounds % 2 == 0:
            self._talk(("submitted", "working", "completed"), WRITER)
        if self.rounds % 4 == 0:
            self._refused()
        self._tool(("search", "read_file", "convert")[self.rounds % 3])
        self._world()
        self._child()
        self._feed(Tick(self.at))

    def report(self):
        """As the teller writes it, with a library that no probe reads."""
        return {
            "account": self.pipeline.account.as_dict(),
            "camera": {
                "attached": [{"library": "libssl", "probes": 9}],
                "refused": [{"library": "boringssl"}],
            },
        }

    # What is said on connections.

    def _model(self, model, seconds, *, failed):
        client = self._open(BOSS, _FAR, "client")
        self._say(
            client,
            "out",
            _post(
                "api.openai.com",
                "/v1/chat/completions",
                {"model": model, "stream": True, "messages": [{"role": "user", "content": "x"}]},
            ),
        )
        self.at += int(seconds * S)
        if failed:
            error = {"error": {"message": "slow down", "type": "requests", "code": "rate_limit_exceeded"}}
            self._say(client, "in", _json(error, "429 Too Many Requests"))
        else:
            chunk = {"id": "c", "object": "chat.completion.chunk", "model": model}
            self._say(
                client, "in", _SSE + _piece({**chunk, "choices": [{"index": 0, "delta": {"content": "hi"}}]})
            )
            self.at += 50 * MS
            end = {**chunk, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "usage": _USAGE}
            self._say(client, "in", _piece(end) + _piece("[DONE]") + _LAST)
        self._close(client)

    def _talk(self, states, to=ANALYST):
        steps = self._send(*states, to=to)
        self._hold(steps)
        self._close(steps[0][0])
        self._close(steps[0][1])

    def _send(self, *states, to=ANALYST):
        """The pieces of one streamed message, as (client, server, request?, bytes)."""
        pair = self._pair(8000 if to is ANALYST else 8001, to)
        task = f"task-{self.handles:08d}-0123456789abcdef"
        message = {
            "messageId": f"m-{self.handles:08d}-0123456789abcdef",
            "role": "user",
            "parts": [{"kind": "text", "text": "x"}],
            "kind": "message",
        }
        asked = {
            "jsonrpc": "2.0",
            "id": self.handles,
            "method": "message/stream",
            "params": {"message": message},
        }
        steps = [
            (*pair, True, _post(f"{'analyst' if to is ANALYST else 'writer'}.internal", "/a2a", asked)),
            (*pair, False, _SSE),
        ]
        for state in states:
            word = state.replace("_", "-")
            result = {
                "taskId": task,
                "contextId": "c",
                "kind": "status-update",
                "status": {"state": word},
                "final": state == states[-1],
            }
            steps.append((*pair, False, _piece({"jsonrpc": "2.0", "id": self.handles, "result": result})))
        return [*steps, (*pair, False, _LAST)]

    def _refused(self):
        client, server = self._pair(8000)
        asked = {
            "jsonrpc": "2.0",
            "id": 9,
            "method": "message/send",
            "params": {"message": {"messageId": f"r-{self.handles:012d}", "role": "user", "parts": []}},
        }
        error = {"jsonrpc": "2.0", "id": 9, "error": {"code": -32603, "message": "no"}}
        self._both(client, server, True, _post("analyst.internal:8000", "/a2a", asked))
        self.at += 20 * MS
        self._both(client, server, False, _json(error))
        self._close(client)
        self._close(server)

    def _tool(self, name):
        client, server = self._pair(8080)
        asked = {
            "jsonrpc": "2.0",
            "id": 1,
            "method": "tools/call",
            "params": {"name": name, "arguments": {"q": 1}},
        }
        self._both(client, server, True, _post("gateway.internal:8080", "/mcp", asked))
        self.at += 30 * MS
        wrong = self.rounds % 5 == 0
        self._both(
            client,
            server,
            False,
            _json(
                {
                    "jsonrpc": "2.0",
                    "id": 1,
                    "result": {"content": [{"type": "text", "text": "x"}], "isError": wrong},
                }
            ),
        )
        self._close(client)
        self._close(server)

    # Facts.

    def _pair(self, port, to=ANALYST):
        """One connection between the two, seen at both ends."""
        here, there = Address("10.0.0.1", 40_000 + self.handles % 20_000), Address("10.0.0.2", port)
        return self._open(BOSS, there, "client", here), self._open(to, here, "server", there)

    def _open(self, key, peer, role, local=None):
        self.handles += 1
        self.at += MS
        local = local or Address("10.0.0.1", 40_000 + self.handles % 20_000)
        socket, stream = Conn(key, self.handles, 0), Conn(key, 1_000_000 + self.handles, 1)
        self._feed(Opened(self.at, "ebpf", socket, key, local, peer, role, 2 * MS))
        outcome = "failed" if self.handles % 17 == 0 else "ok"
        self._feed(Handshake(self.at, "ebpf", stream, (2 + self.handles % 9) * MS, role, outcome, "libssl"))
        self._feed(Opened(self.at, "ebpf", stream, key, local, peer, role))
        return socket, stream

    def _close(self, end):
        socket, stream = end
        self.at += MS
        self._feed(Closed(self.at, "ebpf", stream, stream.key))
        self._feed(Health(self.at, "ebpf", socket, 900, 2_000, 9_000, self.handles % 2, 50 * MS))
        self._feed(Closed(self.at, "ebpf", socket, socket.key))

    def _hold(self, steps):
        for client, server, request, data in steps:
            self.at += (15 + 40 * (self.rounds % 8) ** 2) * MS
            self._both(client, server, request, data)

    def _both(self, client, server, request, data):
        self._say(client, "out" if request else "in", data)
        self._say(server, "in" if request else "out", data)

    def _say(self, end, direction, data):
        self.seen = getattr(self, "seen", {})
        place = (end[1], direction)
        self.seen[place] = self.seen.get(place, -1) + 1
        self._feed(Chunk(self.at, "ebpf", end[1], direction, self.seen[place], data))

    def _child(self):
        """A process of its own that is an agent for one call: its invocation ends with it."""
        key = Key(1_000 + self.rounds, 1)
        env = {"HEXR_AGENT_NAME": "batch", "HEXR_TENANT": "acme"}
        self._feed(
            Process(
                self.at, "ebpf", key, None, "/usr/bin/python3", ("python3", "batch.py"), env, started=self.at
            )
        )
        one = Conn(key, 7, 1)
        body = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "x"}]}
        answer = {
            "id": "c",
            "object": "chat.completion",
            "model": "gpt-4o-mini",
            "usage": _USAGE,
            "choices": [
                {"index": 0, "message": {"role": "assistant", "content": "y"}, "finish_reason": "stop"}
            ],
        }
        self._feed(
            Chunk(self.at, "ebpf", one, "out", 0, _post("api.openai.com", "/v1/chat/completions", body))
        )
        self.at += 120 * MS
        self._feed(Chunk(self.at, "ebpf", one, "in", 0, _json(answer)))
        self._feed(Closed(self.at, "ebpf", one, key))
        self._feed(Exited(self.at, "ebpf", key, int(self.rounds % 7 == 0), None, MS))
        self._feed(Lost(self.at, "ebpf", "ring", 1))
        self.at += 2 * S
        self._feed(Tick(self.at))

    def _ask(self, host, lines, answer, seconds, body=""):
        """One exchange with somebody who is no agent."""
        end = self._open(BOSS, _FAR, "client")
        length = f"Content-Length: {len(body)}\r\n" if body else ""
        self._say(
            end,
            "out",
            f"{lines[0]} HTTP/1.1\r\nHost: {host}\r\n{''.join(lines[1:])}{length}\r\n{body}".encode(),
        )
        self.at += int(seconds * S)
        self._say(end, "in", answer)
        self._close(end)

    def _world(self):
        """A token service, a cloud, a vault, a store, an identity that is renewed, a guard."""
        n = self.rounds
        form = "Content-Type: application/x-www-form-urlencoded\r\n"
        given = "<AssumeRoleResponse><AssumeRoleResult><Credentials><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"
        denied = "<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>"
        answer = _text(denied, "403 Forbidden") if n % 5 == 0 else _text(given)
        role = (
            "Action=AssumeRole&Version=2011-06-15&RoleArn=arn:aws:iam::123456789012:role/r&RoleSessionName=s"
        )
        self._ask("sts.eu-west-1.amazonaws.com", ["POST /", form, _signed("sts")], answer, 0.08, role)
        token = _json({"access_token": "planted", "token_type": "Bearer", "expires_in": 3600})
        self._ask(
            "login.example",
            ["POST /oauth2/token", form],
            token,
            0.05,
            "grant_type=client_credentials&scope=a",
        )
        for _ in range(2):  # the second shows a credential that the process has
            self._ask("bucket.s3.eu-west-1.amazonaws.com", ["GET /key", _signed("s3")], _text("x"), 0.12)
        vault = "X-Vault-Token: hvs.planted\r\n"
        failed = _json({"errors": ["permission denied"]}, "403 Forbidden")
        secret = _json({"data": {"data": {"k": "planted"}, "metadata": {"version": 1}}})
        how = (
            "GET /v1/secret/data/app",
            "DELETE /v1/secret/metadata/app",
            "GET /v1/secret/metadata/app?list=true",
        )
        self._ask(
            "vault.internal:8200", [how[n % 3], vault], failed if n % 7 == 0 else secret, 0.004 * (1 + n % 5)
        )
        self._store(n)
        self._feed(Data(self.at, "proxy", "svid", "response", _SVID_MESSAGE))
        self._scanned(n)

    def _store(self, n):
        end = self._open(BOSS, Address("10.0.0.7", 6379), "client")
        for command, answer in (
            ("*2\r\n$3\r\nGET\r\n$6\r\ntask:1\r\n", "$1\r\nx\r\n" if n % 3 else "$-1\r\n"),
            ("*3\r\n$3\r\nSET\r\n$6\r\ntask:1\r\n$1\r\nx\r\n", "+OK\r\n"),
        ):
            self._say(end, "out", command.encode())
            self.at += int(0.0008 * (1 + n % 4) * S)
            self._say(end, "in", answer.encode())
        self._close(end)

    def _identity(self):
        """The stream of the Workload API that brings the first document, and later those that replace it."""
        headers = (("content-type", "application/grpc"),)
        common = {"key": BOSS, "conn": "svid", "version": "HTTP/2", "headers": headers}
        self._feed(
            Head(
                self.at,
                "proxy",
                "svid",
                "request",
                method="POST",
                scheme="http",
                authority="localhost",
                target="/SpiffeWorkloadAPI/FetchX509SVID",
                **common,
            )
        )
        self._feed(Data(self.at, "proxy", "svid", "request", bytes(5)))
        self._feed(End(self.at, "proxy", "svid", "request"))
        self._feed(Head(self.at, "proxy", "svid", "response", status=200, **common))
        self._feed(Data(self.at, "proxy", "svid", "response", _SVID_MESSAGE))

    def _scanned(self, n):
        began, self.at = self.at, self.at + 30 * MS
        request = Request(began, "POST", "https", "guard.internal", 443, "/", ended=began)
        answer = Response(self.at, 200, ended=self.at)
        exchange = Exchange(f"scan{n}", "ebpf", BOSS, Conn(BOSS, 5, 1), 0, "client", request, answer)
        out = []
        self.pipeline._correlate.asked(replace(exchange, response=None), "stage", _scan(n))
        self.pipeline._done(exchange, _scan(n), out)
        self._take(out)

    def _feed(self, fact):
        self._take(self.pipeline.feed(fact))

    def _take(self, out):
        moved = [o for o in out if isinstance(o, Measurement)]
        self.spans += len(out) - len(moved)
        self.measure(moved)


def _scan(n):
    """A guard's verdict, as an operation: what reads a guard's wire has tests of its own."""
    return Effect(
        "guard", "scan", facts=(("guard.what", "input"), ("guard.scanners", ("PromptInjection",)), ("guard.valid", n % 4 > 0))
    )  # fmt: skip


def _signed(service):
    """A request's head shows whose key it was signed with, and nothing that is told of it."""
    scope = f"AKIAPLANTED0123456789/20270115/eu-west-1/{service}/aws4_request"
    return f"Authorization: AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature={'0' * 64}\r\n"


def _document(number, *parts):
    """A field of a message of the SPIFFE Workload API, itself framed as gRPC frames it."""
    inside = b"".join(parts)
    assert len(inside) < 128
    return bytes((number << 3 | 2, len(inside))) + inside


_SVID = _document(1, _document(1, b"spiffe://acme.example/ns/acme/sa/orchestrator"), _document(2, b"0"))
_SVID_MESSAGE = bytes(1) + len(_SVID).to_bytes(4, "big") + _SVID
