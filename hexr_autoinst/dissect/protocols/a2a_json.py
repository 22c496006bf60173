"""A2A's objects in JSON, in the spelling of any version and binding: what a request asks, what an answer or an event says.

A 0.2 or 0.3 object names itself (`kind`), a 1.0 object stands in a member of its name, 0.1 shows itself by its members.
"""

from collections.abc import Iterator
from typing import Any, Final

from hexr_autoinst.dissect.lenient import mapping, objects, text, word, words
from hexr_autoinst.dissect.protocols.a2a_seen import Seen
from hexr_autoinst.dissect.protocols.a2a_words import state
from hexr_autoinst.model.operation import Failure

_REFERENCES: Final = 32
_URL: Final = 1024
_MESSAGE: Final = 512
_MEMBERS: Final = (
    "task",
    "message",
    "msg",
    "statusUpdate",
    "status_update",
    "artifactUpdate",
    "artifact_update",
)
# What any of the four objects has at least one of: the look that spares all other bodies the rest.
_SHOWN: Final = frozenset({*_MEMBERS, "kind", "status", "artifact", "messageId", "message_id"})
_KINDS: Final = frozenset({"task", "message", "status-update", "artifact-update"})
_ERROR_INFO: Final = "google.rpc.ErrorInfo"
_PROBLEM: Final = "a2a-protocol.org/errors/"  # RFC 9457, in a release candidate of 1.0


def either(value: dict[str, Any], *names: str) -> Any:
    """The first of these members that is there: camel or snake case, this version's word or that one's."""
    return next((value[n] for n in names if value.get(n) is not None), None)


def asked(params: dict[str, Any], seen: Seen) -> None:
    """What the parameters of a call, or the body of a REST request, say."""
    params = mapping(params, "request") or params  # 0.3's REST as the compatibility client of 1.x writes it
    message = mapping(params, "message")
    if not message and either(params, "messageId", "message_id") is not None:
        message = params
    seen.message = text(either(message, "messageId", "message_id"))
    seen.context = text(either(message, "contextId", "context_id")) or text(
        either(params, "contextId", "context_id", "sessionId")
    )
    own = either(params, "taskId", "task_id") or _id_of(params)
    seen.task = text(either(message, "taskId", "task_id")) or bare(text(own))
    seen.references = words(either(message, "referenceTaskIds", "reference_task_ids"), _REFERENCES)
    seen.tenant = text(params.get("tenant"))
    metadata = (mapping(message, "metadata"), mapping(params, "metadata"))
    seen.parent = next((p for m in metadata if (p := text(m.get("traceparent")))), None)
    seen.source = next(
        (s for m in metadata for v in objects(list(m.values())) if (s := text(v.get("clientId")))), None
    )
    seen.hook = _hook(params)


def _id_of(params: dict[str, Any]) -> Any:
    """A task's id: of its own, or in a resource name (`tasks/{id}/...`). A push configuration's own id is none."""
    if "url" in params:
        return None
    return either(params, "id", "name", "parent")


def bare(name: str | None) -> str | None:
    """A task's id out of a resource name: `tasks/{id}[/pushNotificationConfigs/{id}]`."""
    if name is None:
        return None
    return name.removeprefix("tasks/").partition("/")[0] or None


def _hook(params: dict[str, Any]) -> str | None:
    """Where a client wants to be told (its address; token and credentials are nobody's business)."""
    configuration = mapping(params, "configuration")
    names = (
        "taskPushNotificationConfig",
        "pushNotificationConfig",
        "push_notification_config",
        "pushNotification",
    )
    places = [
        params,
        *(mapping(p, n) for p in (params, configuration, mapping(params, "config")) for n in names),
    ]
    return next((u for p in places if (u := text(p.get("url"), _URL))), None)


def said(value: Any, at: int, seen: Seen) -> bool:
    """What an answer or an event says; whether it was one."""
    kind, inner = event(value)
    if kind is None:
        return False
    task = either(inner, "taskId", "task_id")
    if kind == "task":
        task = either(inner, "id")
    elif task is None and kind != "message":
        task = either(inner, "id")  # 0.1
    seen.answered(task=text(task), context=text(either(inner, "contextId", "context_id", "sessionId")))
    seen.stands(state(mapping(inner, "status").get("state")), at)
    seen.final = seen.final or inner.get("final") is True or kind == "message"
    return True


def event(value: Any) -> tuple[str | None, dict[str, Any]]:
    """Which of the four objects a value is, and its members; None if it is none of them."""
    whole = mapping(value)
    return (None, {}) if whole.keys().isdisjoint(_SHOWN) else _event(whole)


def _event(whole: dict[str, Any]) -> tuple[str | None, dict[str, Any]]:
    for name in _MEMBERS:
        inner = whole.get(name)
        if isinstance(inner, dict) and "kind" not in whole:
            return name.removesuffix("Update").removesuffix("_update").replace("msg", "message"), inner
    kind = text(whole.get("kind"))
    if kind in _KINDS:
        return kind.removesuffix("-update"), whole
    if (
        isinstance(whole.get("status"), dict)
        and text(whole.get("id"))
        and state(whole["status"].get("state"))
    ):
        return "task", whole
    if text(whole.get("id")) and isinstance(whole.get("artifact"), dict):
        return "artifact", whole  # 0.1
    if text(either(whole, "messageId", "message_id")) and ("parts" in whole or "content" in whole):
        return "message", whole
    return None, {}


def is_notification(value: Any) -> bool:
    """Whether a posted body is a push notification by its shape alone: an event that names its task."""
    kind, inner = event(value)
    if kind is None:
        return False
    status = state(mapping(inner, "status").get("state"))
    context = text(either(inner, "contextId", "context_id"))
    if kind == "task":
        return context is not None and text(inner.get("id")) is not None and status is not None
    named = context is not None and text(either(inner, "taskId", "task_id")) is not None
    return named and (status is not None if kind == "status" else kind == "artifact" and "artifact" in inner)


def failed(value: Any, otherwise: str | None, *, content: bool) -> tuple[Failure | None, str | None]:
    """Why a call failed and the code that says so: the reason of 1.0, else the code. `otherwise`: an HTTP status that is an error."""
    whole = mapping(value)
    error = whole.get("error")
    inner = error if isinstance(error, dict) else {}
    code = word(inner.get("code"))
    if error is None and otherwise is None:
        return None, None
    problem = (text(whole.get("type")) or "").partition(_PROBLEM)[2] or None
    # A status by name is Google's, of HTTP: in an event of a stream too, never in an envelope of JSON-RPC.
    status = None if "jsonrpc" in whole and not otherwise else text(inner.get("status"), 64)
    said_message = inner.get("message") or whole.get("message") or whole.get("detail")
    told = text(said_message, _MESSAGE) if content else None
    return Failure(reason(inner) or problem or status or code or otherwise or "_OTHER", told or ""), code


def reason(error: dict[str, Any]) -> str | None:
    """The reason of a google.rpc.ErrorInfo among an error's details."""
    return next((r for d in _details(error) if (r := text(d.get("reason"), 64))), None)


def _details(error: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for name in ("data", "details"):
        said_here = error.get(name)
        found = [said_here] if isinstance(said_here, dict) else said_here
        yield from (d for d in objects(found, 16) if _ERROR_INFO in str(d.get("@type")))
