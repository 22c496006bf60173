"""What of A2A is no content, by its places (see `dissect.veil`): ids, states, codes, cards' names and addresses. Parts and artifacts are."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from hexr_autoinst.dissect.failure import KEPT as FAILURE
from hexr_autoinst.dissect.protocols.a2a_grpc import places as in_bytes

_HEAD: Final = ("/", "a2a-version:", "a2a-extensions:", "x-a2a-extensions:", "?a2a-version", "?A2A-Version", "?contextId", "?tenant")  # fmt: skip
_CARD: Final = (
    "name!", "version!", "protocolVersion!", "preferredTransport!", "url!",
    *(f"{i}.{m}!" for i in ("supportedInterfaces", "additionalInterfaces") for m in ("url", "transport", "protocolBinding", "protocolVersion")),
)  # fmt: skip
_ERROR: Final = ("code!", "status!", *(f"{d}.{m}!" for d in ("data", "details") for m in ("@type", "reason")))
_IDS: Final = (
    "messageId!",
    "message_id!",
    "contextId!",
    "context_id!",
    "sessionId!",
    "taskId!",
    "task_id!",
    "id!",
)
_MESSAGE: Final = (*_IDS, "referenceTaskIds!", "reference_task_ids!", "metadata~", "metadata.traceparent!", "metadata.*.clientId!")  # fmt: skip
_HOOKS: Final = ("taskPushNotificationConfig", "pushNotificationConfig", "push_notification_config", "pushNotification")  # fmt: skip
_EVENT: Final = (*_IDS, "kind!", "status.state!", "final")
_WRAPS: Final = ("", "task.", "message.", "msg.", "statusUpdate.", "status_update.", "artifactUpdate.", "artifact_update.", "tasks.")  # fmt: skip


def _request() -> Iterator[str]:
    """The parameters of a call, or the body of one over REST; 0.3 may wrap them once more."""
    for outer in ("", "request."):
        yield from (f"{outer}{m}" for m in (*_MESSAGE, "name!", "parent!", "tenant!", "url!"))
        yield from (f"{outer}message.{m}" for m in _MESSAGE)
        for place in ("", "configuration.", "config."):
            yield f"{outer}{place}-"
            yield from (f"{outer}{place}{hook}.{m}!" for hook in _HOOKS for m in ("url", "id"))


_ASKED: Final = tuple(_request())
_ANSWERED: Final = (*_CARD, *(f"{wrap}{m}" for wrap in _WRAPS for m in _EVENT))
CARD: Final = ("/", *_CARD)
CALL: Final = (
    *_HEAD, *FAILURE, "jsonrpc!", "method!", "type!", *(f"error.{m}" for m in _ERROR), *_ASKED, *(f"params.{m}" for m in _ASKED),
    *_ANSWERED, *(f"result.{m}" for m in _ANSWERED),
)  # fmt: skip


@lru_cache(maxsize=64)
def of_grpc(operation: str, package: str) -> tuple[str, ...]:
    """Of a call by gRPC: its fields by number."""
    return (*_HEAD, *in_bytes(operation, package))
