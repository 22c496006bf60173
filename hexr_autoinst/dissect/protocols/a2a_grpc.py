"""A2A over gRPC: the fields of its messages by number, in 0.3 and 1.0. Written from the specification's a2a.proto.

The answers are the same in both. Of requests the first fields differ: 1.0 put a tenant before them; 0.3 has resource names.
"""

import base64
import binascii
from typing import Final

from hexr_autoinst.dissect.lenient import clean
from hexr_autoinst.dissect.protocols import protobuf
from hexr_autoinst.dissect.protocols.a2a_json import bare
from hexr_autoinst.dissect.protocols.a2a_seen import Seen
from hexr_autoinst.dissect.protocols.a2a_words import SENDS, state
from hexr_autoinst.model.exchange import Exchange
from hexr_autoinst.model.operation import Failure

_CURRENT: Final = "lf.a2a.v1"
# 1.0: where a request names its task.
_TASK: Final = {
    "GetTask": 2,
    "CancelTask": 2,
    "SubscribeToTask": 2,
    "CreateTaskPushNotificationConfig": 3,
    "GetTaskPushNotificationConfig": 2,
    "DeleteTaskPushNotificationConfig": 2,
    "ListTaskPushNotificationConfigs": 1,
}
_TENANT: Final = {"ListTaskPushNotificationConfigs": 4}  # elsewhere 1
_BARE_ANSWERS: Final = frozenset({"GetTask", "CancelTask"})
_CODES: Final = (
    "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE",
    "DATA_LOSS", "UNAUTHENTICATED",
)  # fmt: skip
_PREFIX: Final = 5  # of a message on the wire: whether it is compressed, and its length
_MOST: Final = 10_000


def asked(method: str, package: str, data: bytes, seen: Seen) -> None:
    """What a request's message says."""
    current = package == _CURRENT
    if method in SENDS:
        message = protobuf.message(data, 2 if current else 1) or b""
        if current:
            seen.tenant = protobuf.string(data, 1)
        elif not protobuf.string(
            message, 1
        ):  # 1.0's release candidate: the package of 0.3, the fields of 1.0
            message = protobuf.message(data, 2) or b""
        seen.message = protobuf.string(message, 1)
        seen.context = protobuf.string(message, 2)
        seen.task = protobuf.string(message, 3)
        return
    if current:
        seen.tenant = protobuf.string(data, _TENANT.get(method, 1))
        seen.context = protobuf.string(data, 2) if method == "ListTasks" else None
        seen.task = protobuf.string(data, _TASK[method]) if method in _TASK else None
    elif method in _TASK:
        seen.task = bare(protobuf.string(data, 1))


# An answer's task or the task itself, a message, a change of its state, an artifact: where ids and states stand.
_TOLD: Final = (">1.1", ">1.2", ">1.3.1", ">2.2", ">2.3", ">3.1", ">3.2", ">3.3.1", ">4.1", ">4.2")
_TOLD_BARE: Final = (">1", ">2", ">3.1")
_REASON: Final = ("grpc-status-details-bin:3.1", "grpc-status-details-bin:3.2.1")


def places(method: str, package: str) -> tuple[str, ...]:
    """What of a call's messages is read here, as `dissect.veil` names it."""
    current = package == _CURRENT
    if method in SENDS:
        asked_ = (
            ("<1", "<2.1", "<2.2", "<2.3")
            if current
            else tuple(f"<{m}.{n}" for m in (1, 2) for n in (1, 2, 3))
        )
    elif current:
        found = {_TENANT.get(method, 1), _TASK.get(method, 1), 2 if method == "ListTasks" else 1}
        asked_ = tuple(f"<{n}" for n in sorted(found))
    else:
        asked_ = ("<1",) if method in _TASK else ()
    return (*asked_, *(_TOLD_BARE if method in _BARE_ANSWERS else _TOLD), *_REASON)


def said(method: str, data: bytes, at: int, seen: Seen) -> bool:
    """What an answer's message says; whether it says anything of a task."""
    if method in _BARE_ANSWERS:
        return _task(data, at, seen)
    for number, value in protobuf.fields(data):
        if not isinstance(value, bytes):
            continue
        if number == 1:
            return _task(value, at, seen)
        if number == 2:
            seen.answered(task=protobuf.string(value, 3), context=protobuf.string(value, 2))
            seen.final = True
            return True
        if number in (3, 4):
            seen.answered(task=protobuf.string(value, 1), context=protobuf.string(value, 2))
            seen.stands(state(protobuf.number(value, 3, 1)) if number == 3 else None, at)
            return True
    return False


def _task(data: bytes, at: int, seen: Seen) -> bool:
    task = protobuf.string(data, 1)
    seen.answered(task=task, context=protobuf.string(data, 2))
    seen.stands(state(protobuf.number(data, 3, 1)), at)
    return task is not None


def failed(exchange: Exchange, *, content: bool) -> tuple[Failure | None, str | None]:
    """Why it failed by `grpc-status`, in the trailers or in a head that is all there is; the name of the code beside it."""
    answer = exchange.response
    if answer is None:
        return None, None
    found = next((h for h in (answer.trailers, answer.headers) if "grpc-status" in h), None)
    if found is None:
        return (Failure(str(answer.status)), None) if answer.status >= 400 else (None, None)
    said_code = found.get("grpc-status").strip()
    number = int(said_code) if said_code.isdecimal() and len(said_code) < 4 else -1
    if number == 0:
        return None, None
    code = _CODES[number] if 0 <= number < len(_CODES) else clean(said_code, 16) or "UNKNOWN"
    told = clean(found.get("grpc-message"), 512) if content else ""
    return Failure(_reason(found.get("grpc-status-details-bin")) or code, told), code


def _reason(details: str) -> str | None:
    """google.rpc.Status: details (3) of google.protobuf.Any (1 type, 2 value), one of them ErrorInfo (1 reason)."""
    try:
        data = base64.b64decode(details + "=" * (-len(details) % 4))
    except (binascii.Error, ValueError):
        data = details.encode("latin-1", "replace")  # some servers send the bytes as they are
    for one in protobuf.messages(data, 3):
        if (protobuf.string(one, 1) or "").endswith("google.rpc.ErrorInfo"):
            return protobuf.string(one, 2, 1, most=64)
    return None


def unframed(body: bytes) -> list[bytes]:
    """The messages of a body that is gRPC's framing as it was: uncompressed ones, as far as they are whole."""
    found: list[bytes] = []
    at = 0
    while at + _PREFIX <= len(body) and len(found) < _MOST:
        end = at + _PREFIX + int.from_bytes(body[at + 1 : at + _PREFIX], "big")
        if end > len(body):
            break
        if body[at] == 0:
            found.append(body[at + _PREFIX : end])
        at = end
    return found
