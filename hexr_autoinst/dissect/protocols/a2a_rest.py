"""A2A's HTTP+JSON binding: method and end of the path name the operation, under any prefix (a base, `/v1` of 0.3, a tenant of 1.0)."""

import re
from typing import Any, Final
from urllib.parse import parse_qs, unquote

from hexr_autoinst.dissect.lenient import mapping, text
from hexr_autoinst.dissect.protocols import a2a_json
from hexr_autoinst.dissect.protocols.a2a_seen import Seen
from hexr_autoinst.model.exchange import Request

_PATH: Final = 1024
_ID: Final = r"(?P<task>[^/:]{1,256})"
_CONFIGS: Final = r"/tasks/" + _ID + r"/pushNotificationConfigs"
_HINT: Final = re.compile(
    r"/message:s|/tasks|/extendedAgentCard|/v1/card|/agent/authenticated"
)  # spares most paths the patterns
# (method, end of the path, operation). What is nobody else's path is `sure` where the body agrees.
_ROUTES: Final = tuple(
    (method, re.compile(r"(?P<base>.*?)(?:/v1)?" + path), operation, sure)
    for method, path, operation, sure in (
        ("POST", r"/message:send", "SendMessage", True),
        ("POST", r"/message:stream", "SendStreamingMessage", True),
        ("POST", r"/tasks/" + _ID + r":cancel", "CancelTask", False),
        ("POST", r"/tasks/" + _ID + r":subscribe", "SubscribeToTask", False),
        ("GET", r"/tasks/" + _ID + r":subscribe", "SubscribeToTask", False),
        ("POST", _CONFIGS, "CreateTaskPushNotificationConfig", True),
        ("GET", _CONFIGS, "ListTaskPushNotificationConfigs", True),
        ("GET", _CONFIGS + r"/[^/]{1,256}", "GetTaskPushNotificationConfig", True),
        ("DELETE", _CONFIGS + r"/[^/]{1,256}", "DeleteTaskPushNotificationConfig", True),
        ("GET", r"/tasks/" + _ID, "GetTask", False),
        ("GET", r"/tasks", "ListTasks", False),
        ("GET", r"/extendedAgentCard", "GetExtendedAgentCard", True),
        ("GET", r"/v1/card", "GetExtendedAgentCard", False),
        ("GET", r"/agent/authenticatedExtendedCard", "GetExtendedAgentCard", True),
    )
)


class Route:
    """An operation that a request's method and path name. `sure`: no other API has such a path."""

    __slots__ = ("base", "operation", "sure", "task")

    def __init__(self, operation: str, found: re.Match[str], *, sure: bool) -> None:
        """`found`: how the path fits."""
        self.operation = operation
        self.base = found["base"]
        self.task = unquote(found.groupdict().get("task") or "") or None
        self.sure = sure


def route(request: Request) -> Route | None:
    """The operation; None if it is none."""
    path = request.path.rstrip("/")
    if len(path) > _PATH or not _HINT.search(path):
        return None
    for method, pattern, operation, sure in _ROUTES:
        if method == request.method and (found := pattern.fullmatch(path)):
            return Route(operation, found, sure=sure)
    return None


def sends(body: Any) -> bool:
    """Whether a body is that of the two sends."""
    message = mapping(body, "message") or mapping(body, "request", "message") or mapping(body, "request")
    return any(k in message for k in ("messageId", "message_id", "parts", "content", "role"))


def asked(request: Request, found: Route, body: Any, seen: Seen) -> None:
    """What path, query and body of a request say."""
    a2a_json.asked(mapping(body), seen)
    seen.task = found.task or seen.task
    if not request.query:
        return
    query = parse_qs(request.query, max_num_fields=64)
    seen.context = seen.context or text(next(iter(query.get("contextId", ())), None))
    seen.tenant = seen.tenant or text(next(iter(query.get("tenant", ())), None))
