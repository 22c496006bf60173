"""Exchanges and questions for the tests of protocols, and any JSON that Hypothesis can think of."""

import json

from hypothesis import strategies as st

from hexr_autoinst.dissect.memory import Memory
from hexr_autoinst.dissect.question import Question
from hexr_autoinst.model.exchange import Exchange, Frame, Headers, Request, Response

WORDS = (
    "jsonrpc", "2.0", "id", "method", "params", "result", "error", "code", "message", "tools/call", "tools/list", "initialize",
    "notifications/progress", "notifications/cancelled", "sampling/createMessage", "progressToken", "_meta", "requestId", "name",
    "arguments", "protocolVersion", "2025-06-18", "isError", "requestState", "inputRequests", "taskId", "contextId", "status",
    "state", "working", "TASK_STATE_COMPLETED", "task", "statusUpdate", "artifactUpdate", "kind", "status-update", "messageId",
    "SendMessage", "message/stream", "tasks/get", "parts", "url", "supportedInterfaces", "data", "details", "reason", "final",
)  # fmt: skip
scalars = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(WORDS)
)
any_json = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(WORDS) | st.text(max_size=4), inner, max_size=6)
    ),
    max_leaves=24,
)


def rpc(id_=None, method=None, params=None, **more):
    """A JSON-RPC message."""
    said = {"jsonrpc": "2.0", **({} if id_ is None else {"id": id_}), **more}
    return {
        **said,
        **({} if method is None else {"method": method}),
        **({} if params is None else {"params": params}),
    }


def exchange(
    body=None, *, url="http://h.test/mcp", method="POST", headers=None, at=1_000, id_="x", text=None
):
    """An exchange that has been asked."""
    scheme, _, rest = url.partition("://")
    authority, _, target = rest.partition("/")
    host, _, port = authority.partition(":")
    path, _, query = ("/" + target).partition("?")
    fields = Headers(tuple({"content-type": "application/json", **(headers or {})}.items()))
    data = text if text is not None else b"" if body is None else json.dumps(body).encode()
    request = Request(
        at, method, scheme, host, int(port or 0), path, query, "HTTP/1.1", fields, data, len(data), at + 1
    )
    return Exchange(id_, "ebpf", None, "c", 0, "client", request)


def asked(body=None, memory=None, **more):
    """A question about it."""
    return Question(exchange(body, **more), None, memory or Memory())


def piped(memory=None):
    """A question about a pipe."""
    request = Request(1_000, "STREAM", "stdio", "", 0, "server")
    return Question(Exchange("p", "ebpf", None, "pipe", 0, "client", request), None, memory or Memory())


def line(value, side="request", at=2_000):
    """A line of JSON on a pipe."""
    return Frame(at, "line", "", value if isinstance(value, str) else json.dumps(value), side=side)


def event(value, at=2_000, name="message"):
    """A server-sent event."""
    return Frame(at, "sse", name, value if isinstance(value, str) else json.dumps(value))


def answered(exchange, body=None, *, status=200, headers=None, at=9_000, missing=(), text=None):
    """The exchange with its answer."""
    from dataclasses import replace

    data = text if text is not None else b"" if body is None else json.dumps(body).encode()
    response = Response(at, status, headers=Headers(tuple((headers or {}).items())), body=data, ended=at)
    return replace(exchange, response=response, missing=tuple(missing), facts=5)
