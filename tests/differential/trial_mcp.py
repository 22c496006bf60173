"""MCP's SDK: every request of its types with every result, error code and kind of id, over streamable HTTP; whole, as a stream, and backwards."""

import itertools
import sys
import typing
from pathlib import Path
from typing import Any

import mcp_types as t
import record
from record import Answer, whole
from sample import BARE, FULL, NULL, Sampler

HOST = "tools.example.com"
WAYS = (FULL, BARE, NULL)
IDS: tuple[Any, ...] = (0, 7, "7", "a-long-id-of-text-0123456789", 2**53)
VERSIONS = ("2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28")
CODES = sorted({getattr(t, n) for n in ("PARSE_ERROR", "INVALID_REQUEST", "METHOD_NOT_FOUND", "INVALID_PARAMS", "INTERNAL_ERROR", "CONNECTION_CLOSED", "REQUEST_TIMEOUT", "URL_ELICITATION_REQUIRED", "HEADER_MISMATCH", "MISSING_REQUIRED_CLIENT_CAPABILITY", "UNSUPPORTED_PROTOCOL_VERSION")} | {0, 1, -1, 429})  # fmt: skip
TASKS = (t.GetTaskRequest, t.ListTasksRequest, t.CancelTaskRequest, t.GetTaskPayloadRequest)
RESULTS = {
    "ping": t.EmptyResult, "initialize": t.InitializeResult, "completion/complete": t.CompleteResult, "logging/setLevel": t.EmptyResult,
    "prompts/get": t.GetPromptResult, "prompts/list": t.ListPromptsResult, "resources/list": t.ListResourcesResult, "tools/list": t.ListToolsResult,
    "resources/templates/list": t.ListResourceTemplatesResult, "resources/read": t.ReadResourceResult, "resources/subscribe": t.EmptyResult,
    "resources/unsubscribe": t.EmptyResult, "tools/call": t.CallToolResult, "server/discover": t.DiscoverResult, "subscriptions/listen": t.SubscriptionsListenResult,
    "tasks/get": t.GetTaskResult, "tasks/list": t.ListTasksResult, "tasks/cancel": t.CancelTaskResult, "tasks/result": t.GetTaskPayloadResult,
    "sampling/createMessage": t.CreateMessageResult, "roots/list": t.ListRootsResult, "elicitation/create": t.ElicitResult,
}  # fmt: skip


def requests(union: Any) -> list[Any]:
    """The request types of a union."""
    return list(typing.get_args(union))


def asked(kind: Any, way: str, id_: Any, version: str) -> dict[str, Any]:
    """A request of a type."""
    value = Sampler(way).model(kind)
    params = value.get("params")
    if isinstance(params, dict):
        params.pop("_meta", None)
        if value["method"] == "tools/call":
            params["arguments"] = {"a": 1}
        if version == "2026-07-28":
            params["_meta"] = {
                t.PROTOCOL_VERSION_META_KEY: version,
                t.CLIENT_INFO_META_KEY: {"name": "trial", "version": "1"},
            }
    found = {"jsonrpc": "2.0", "id": id_, **value}
    return {k: v for k, v in found.items() if v is not None}


def facts(kind: Any, message: dict[str, Any]) -> dict[str, Any]:
    """What the SDK's own type reads out of a request."""
    read = kind.model_validate({k: v for k, v in message.items() if k not in ("jsonrpc", "id")})
    method, params = read.method, read.params
    ref = getattr(params, "ref", None)
    prompt = getattr(params, "name", None) if method == "prompts/get" else getattr(ref, "name", None)
    uri = getattr(params, "uri", None) or getattr(ref, "uri", None)
    return {
        "span": "hexr.gateway.call" if method == "tools/call" else f"hexr.mcp.{method}",
        "mcp.method.name": method, "jsonrpc.request.id": str(message["id"]),
        "gen_ai.tool.name": params.name if method == "tools/call" else None, "gen_ai.prompt.name": prompt, "mcp.resource.uri": uri and str(uri),
        "gen_ai.operation.name": "execute_tool" if method == "tools/call" else None,
    }  # fmt: skip


def answered(id_: Any, **what: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": id_, **what}


def notices(union: Any, id_: Any) -> list[dict[str, Any]]:
    """Every notification of a union, as it comes within an answer's stream."""
    out = []
    for kind in requests(union):
        value = Sampler(FULL).model(kind)
        if value["method"] != "notifications/cancelled":
            out.append({"jsonrpc": "2.0", **value})
    return [*out, {"jsonrpc": "2.0", "method": "notifications/brand_new", "params": {"x": 1}}]


def play(
    trial: record.Trial,
    name: str,
    kind: Any,
    way: str,
    id_: Any,
    version: str,
    answer: Any,
    more: dict[str, Any],
    status: int = 200,
) -> None:
    """One call, its answer whole and in a stream behind notifications."""
    message = asked(kind, way, id_, version)
    wanted = facts(kind, message)
    headers = [("mcp-protocol-version", version), ("accept", "application/json, text/event-stream")]
    if version == "2026-07-28":
        headers += [("mcp-method", message["method"])]
        headers += [("mcp-name", message["params"]["name"])] if message["method"] == "tools/call" else []
    elif message["method"] != "initialize":
        headers.append(("mcp-session-id", "5f8c2d0b9a7e4c61b3d2f0a1"))
    trial.put(f"{name}/json", HOST, "/mcp", message, whole(answer, status), wanted | more, *headers)
    if status == 200:
        stream = Answer(
            b"".join(
                b"event: message\ndata: " + record.json.dumps(e).encode() + b"\n\n"
                for e in [*notices(t.ServerNotification, id_), answer]
            ),
            "text/event-stream",
        )
        trial.put(f"{name}/sse", HOST, "/mcp", message, stream, wanted | more, *headers)


def forwards(trial: record.Trial) -> None:
    """What a client asks."""
    kinds = [*requests(t.ClientRequest), *TASKS]
    for at, (kind, way, version) in enumerate(itertools.product(kinds, WAYS, VERSIONS)):
        method = Sampler(BARE).model(kind)["method"]
        id_ = IDS[at % len(IDS)]
        result = Sampler(way, at).model(RESULTS[method])
        failed = method == "tools/call" and at % 2 == 0
        if method == "tools/call":
            result["isError"] = failed
        RESULTS[method].model_validate(result)
        play(trial, f"{method}/{way}/{version}", kind, way, id_, version, answered(id_, result=result),
             {"status": "ERROR" if failed else "UNSET", "error.type": "tool_error" if failed else None})  # fmt: skip
    for kind, code, status in itertools.product(kinds, CODES, (200, 400)):
        method = Sampler(BARE).model(kind)["method"]
        error = {"code": code, "message": "m"} | ({"data": {"x": 1}} if code % 2 else {})
        t.ErrorData.model_validate(error)
        play(trial, f"error/{method}/{code}/{status}", kind, BARE, 3, VERSIONS[code % 4], answered(3, error=error),
             {"status": "ERROR", "error.type": str(code), "rpc.response.status_code": str(code)}, status)  # fmt: skip
    wants = {
        "resultType": "input_required",
        "inputRequests": {
            "a": Sampler(FULL).model(t.ElicitRequest),
            "b": Sampler(BARE).model(t.ListRootsRequest),
        },
        "requestState": "s",
    }
    play(
        trial,
        "input_required",
        t.CallToolRequest,
        FULL,
        4,
        VERSIONS[3],
        answered(4, result=wants),
        {"status": "UNSET"},
    )


def main() -> None:
    trial = record.Trial("mcp")
    forwards(trial)
    trial.write(Path(sys.argv[1]))


if __name__ == "__main__":
    main()
