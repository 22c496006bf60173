"""A2A's SDK: every operation of its services (1.0, 0.3) with every event, task state and error, as JSON-RPC, HTTP+JSON and gRPC.

Messages are made of the Protocol Buffers' own descriptors; paths are those of their `google.api.http` options.
"""

import itertools
import json
import re
import sys
from pathlib import Path
from typing import Any

import record
from a2a.compat.v0_3 import a2a_v0_3_pb2 as old
from a2a.types import a2a_pb2 as new
from a2a.utils import errors
from google.api import annotations_pb2
from google.protobuf import json_format
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from record import Answer, whole

HOST = "agent.example.com"
WORDS = {"SendMessage": "send", "SendStreamingMessage": "send"}
# 0.3's names for the operations, as 1.0 spells them.
NAMED = {
    "TaskSubscription": "SubscribeToTask",
    "ListTaskPushNotificationConfig": "ListTaskPushNotificationConfigs",
    "GetAgentCard": "GetExtendedAgentCard",
}
METHODS = {"SendMessage": "message/send", "SendStreamingMessage": "message/stream", "GetTask": "tasks/get", "CancelTask": "tasks/cancel", "TaskSubscription": "tasks/resubscribe",
           "CreateTaskPushNotificationConfig": "tasks/pushNotificationConfig/set", "GetTaskPushNotificationConfig": "tasks/pushNotificationConfig/get",
           "ListTaskPushNotificationConfig": "tasks/pushNotificationConfig/list", "DeleteTaskPushNotificationConfig": "tasks/pushNotificationConfig/delete", "GetAgentCard": "agent/getAuthenticatedExtendedCard"}  # fmt: skip


def fill(message: Message, at: int, *, full: bool, depth: int = 0) -> Message:
    """Every field of a message; of a oneof the `at`th, of an enumeration the `at`th word."""
    for field in message.DESCRIPTOR.fields:
        group = field.containing_oneof
        if (
            group is not None
            and len(group.fields) > 1
            and list(group.fields)[at % len(group.fields)].name != field.name
        ):
            continue
        if (
            not full
            and depth
            and field.name
            not in ("message_id", "id", "task_id", "context_id", "role", "state", "status", "name", "url")
        ):
            continue
        if field.message_type is not None:
            if (
                depth < 5
                and not field.message_type.GetOptions().map_entry
                and not field.message_type.full_name.startswith("google.")
            ):
                inner = getattr(message, field.name)
                fill(inner.add() if field.is_repeated else inner, at, full=full, depth=depth + 1)
                if not field.is_repeated:
                    inner.SetInParent()
            continue
        value: Any = f"{field.name}-{at}"
        if field.enum_type is not None:
            value = field.enum_type.values[1 + at % (len(field.enum_type.values) - 1)].number
        elif field.cpp_type != field.CPPTYPE_STRING:
            value = True if field.cpp_type == field.CPPTYPE_BOOL else at + 1
        elif field.type == field.TYPE_BYTES:
            value = b"hi"
        elif field.name in ("name", "parent"):
            value = f"tasks/task-{at}" + (
                "/pushNotificationConfigs/cfg-1" if "Push" in message.DESCRIPTOR.name else ""
            )
        getattr(message, field.name).append(value) if field.is_repeated else setattr(
            message, field.name, value
        )
    return message


def made(descriptor: Any, at: int, *, full: bool) -> Any:
    """A message of a type."""
    return fill(GetMessageClass(descriptor)(), at, full=full)


def plain(message: Any) -> dict[str, Any]:
    """As JSON of the binding."""
    return json_format.MessageToDict(message)


def state_of(message: Any) -> str | None:
    """The last state that an answer or an event says, in 1.0's enumeration."""
    for path in (("status",), ("task", "status"), ("status_update", "status")):
        at = message
        for name in path:
            if name not in at.DESCRIPTOR.fields_by_name or not at.HasField(name):
                break
            at = getattr(at, name)
        else:
            word = at.DESCRIPTOR.fields_by_name["state"].enum_type.values_by_number[at.state].name
            return word.replace("CANCELLED", "CANCELED")
    return None


def facts(operation: str, request: Any, replies: list[Any], code: Any = None) -> dict[str, Any]:
    """What request and answers say."""
    operation = NAMED.get(operation, operation)
    word = WORDS.get(operation) or re.sub(r"(?<=.)(?=[A-Z])", "_", operation).lower()
    sent = getattr(request, "message", None) or getattr(request, "request", None)
    states = [s for r in replies if (s := state_of(r))]
    if operation not in ("SendMessage", "SendStreamingMessage", "GetTask", "CancelTask", "SubscribeToTask"):
        states = []
    return {
        "span": f"hexr.a2a.client.{word}", "a2a.method.name": operation,
        "a2a.message.id": sent.message_id if sent is not None and hasattr(sent, "message_id") else None,
        "a2a.task.state": states[-1] if states else None, "status": "ERROR" if code else "UNSET", "error.type": code,
    }  # fmt: skip


def answers_of(method: Any, at: int, *, full: bool) -> list[Any]:
    """The answer, or the events of a stream: each kind, each state."""
    out = method.output_type
    if out.name != "StreamResponse":
        return [made(out, at, full=full)]
    return [made(out, at + n, full=full) for n in range(4)]


def play(trial: record.Trial, version: str, method: Any, at: int, *, full: bool) -> None:
    """One operation by its three bindings."""
    request, replies = made(method.input_type, at, full=full), answers_of(method, at, full=full)
    stream = method.output_type.name == "StreamResponse"
    name, wanted = f"{version}/{method.name}/{at}/{full}", facts(method.name, request, replies)
    head = ("a2a-version", version) if version == "1.0" else ("x-a2a", "1")
    if version == "1.0":  # 0.3's JSON-RPC is not made of its Protocol Buffers
        asked = {
            "jsonrpc": "2.0",
            "id": at if full else f"id-{at}",
            "method": method.name,
            "params": plain(request),
        }
        each = [{"jsonrpc": "2.0", "id": asked["id"], "result": plain(r)} for r in replies]
        answer = _sse(each) if stream else whole(each[0])
        trial.put(f"jsonrpc/{name}", HOST, "/a2a", asked, answer, dict(wanted), head)
    rule = method.GetOptions().Extensions[annotations_pb2.http]
    verb = rule.WhichOneof("pattern")
    path = re.sub(
        r"\{(\w+)(?:=([^}]*))?\}",
        lambda m: m[2].replace("*", "task-1") if m[2] and "*" in m[2] else _segment(request, m[1]),
        getattr(rule, verb),
    )
    body = plain(request) if verb == "post" else None
    answer = _sse([plain(r) for r in replies]) if stream else whole(plain(replies[0]))
    trial.put(f"rest/{name}", HOST, path, body, answer, dict(wanted), head, method=verb.upper())
    framed = b"".join(b"\0" + len(r := m.SerializeToString()).to_bytes(4, "big") + r for m in replies)
    service = method.containing_service.full_name
    _grpc(
        trial,
        f"grpc/{name}",
        f"/{service}/{method.name}",
        request,
        framed,
        (("grpc-status", "0"),),
        dict(wanted),
        head,
    )


def _segment(request: Any, path: str) -> str:
    for name in path.split("."):
        request = getattr(request, name)
    return str(request)


def _sse(values: list[Any]) -> Answer:
    return Answer("".join(f"data: {json.dumps(v)}\n\n" for v in values).encode(), "text/event-stream")


def _grpc(
    trial: record.Trial,
    name: str,
    path: str,
    request: Any,
    framed: bytes,
    trailers: Any,
    wanted: Any,
    *headers: tuple[str, str],
) -> None:
    raw = request.SerializeToString()
    entry = trial._entry(
        f"{trial.sdk}/{name}",
        HOST,
        (
            "POST",
            path,
            [("content-type", "application/grpc"), ("te", "trailers"), *headers],
            b"\0" + len(raw).to_bytes(4, "big") + raw,
            Answer(framed, "application/grpc"),
        ),
        wanted,
        True,
    )
    entry["request"]["httpVersion"] = entry["response"]["httpVersion"] = "HTTP/2"
    entry["_trailers"] = [{"name": k, "value": v} for k, v in trailers]
    trial.entries.append(entry)


def failures(trial: record.Trial) -> None:
    """Every error of the SDK's own tables, by every binding."""
    service = new.DESCRIPTOR.services_by_name["A2AService"]
    for kind, method in itertools.product(errors.JSON_RPC_ERROR_CODE_MAP, service.methods):
        mapped = errors.A2A_ERROR_MAPPING.get(kind)
        request = made(method.input_type, 1, full=True)
        details = (
            [
                {
                    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                    "reason": mapped.reason,
                    "domain": "a2a-protocol.org",
                    "metadata": {},
                }
            ]
            if mapped
            else []
        )
        code, head = errors.JSON_RPC_ERROR_CODE_MAP[kind], ("a2a-version", "1.0")
        for told in (True, False):
            error = {"code": code, "message": kind.message} | ({"data": details} if told and details else {})
            wanted = facts(method.name, request, [], mapped.reason if told and mapped else str(code))
            asked = {"jsonrpc": "2.0", "id": 1, "method": method.name, "params": plain(request)}
            trial.put(
                f"error/jsonrpc/{kind.__name__}/{method.name}/{told}",
                HOST,
                "/a2a",
                asked,
                whole({"jsonrpc": "2.0", "id": 1, "error": error}),
                wanted,
                head,
            )
        if mapped is None:
            continue
        rule = method.GetOptions().Extensions[annotations_pb2.http]
        verb = rule.WhichOneof("pattern")
        path = re.sub(
            r"\{(\w+)(?:=([^}]*))?\}",
            lambda m: m[2].replace("*", "task-1") if m[2] and "*" in m[2] else _segment(request, m[1]),
            getattr(rule, verb),
        )
        body = {
            "error": {
                "code": mapped.http_code,
                "status": mapped.grpc_status,
                "message": kind.message,
                "details": details,
            }
        }
        trial.put(f"error/rest/{kind.__name__}/{method.name}", HOST, path, plain(request) if verb == "post" else None,
                  whole(body, mapped.http_code), facts(method.name, request, [], mapped.reason), head, method=verb.upper())  # fmt: skip
        import grpc
        from google.protobuf.any_pb2 import Any as Wrapped
        from google.rpc.error_details_pb2 import ErrorInfo
        from google.rpc.status_pb2 import Status

        number = getattr(grpc.StatusCode, mapped.grpc_status).value[0]
        wrapped = Wrapped()
        wrapped.Pack(ErrorInfo(reason=mapped.reason, domain="a2a-protocol.org"))
        status = record.base64.b64encode(
            Status(code=number, message="m", details=[wrapped]).SerializeToString()
        ).decode()
        trailers = (("grpc-status", str(number)), ("grpc-message", "m"), ("grpc-status-details-bin", status))
        _grpc(
            trial,
            f"error/grpc/{kind.__name__}/{method.name}",
            f"/{service.full_name}/{method.name}",
            request,
            b"",
            trailers,
            facts(method.name, request, [], mapped.reason),
            head,
        )


def main() -> None:
    trial = record.Trial("a2a")
    for version, module in (("1.0", new), ("0.3", old)):
        service = module.DESCRIPTOR.services_by_name["A2AService"]
        for method, at, full in itertools.product(service.methods, range(9), (True, False)):
            play(trial, version, method, at, full=full)
    failures(trial)
    trial.write(Path(sys.argv[1]))


if __name__ == "__main__":
    main()
