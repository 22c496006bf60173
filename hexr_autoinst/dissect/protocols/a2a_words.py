"""A2A's words in every version from 0.1 to 1.0, and the one spelling that each has here: that of 1.0.

https://a2a-protocol.org/latest/specification/ and its earlier versions. REST paths stand in `a2a_rest`.
"""

import re
from typing import Any, Final

# The operation of 1.0 → the word of its span.
OPERATIONS: Final = {
    "SendMessage": "send",
    "SendStreamingMessage": "send",
    "GetTask": "get_task",
    "ListTasks": "list_tasks",
    "CancelTask": "cancel_task",
    "SubscribeToTask": "subscribe_to_task",
    "CreateTaskPushNotificationConfig": "create_task_push_notification_config",
    "GetTaskPushNotificationConfig": "get_task_push_notification_config",
    "ListTaskPushNotificationConfigs": "list_task_push_notification_configs",
    "DeleteTaskPushNotificationConfig": "delete_task_push_notification_config",
    "GetExtendedAgentCard": "get_extended_agent_card",
}
SENDS: Final = frozenset({"SendMessage", "SendStreamingMessage"})
STREAMS: Final = frozenset({"SendStreamingMessage", "SubscribeToTask"})
PUSH: Final = "push_notification"
UNKNOWN: Final = "_other"  # an operation that nobody has specified

# JSON-RPC: method of any version → operation.
METHODS: Final = {
    **{name: name for name in OPERATIONS},
    "message/send": "SendMessage",
    "message/stream": "SendStreamingMessage",
    "tasks/send": "SendMessage",  # 0.1
    "tasks/sendSubscribe": "SendStreamingMessage",  # 0.1
    "tasks/get": "GetTask",
    "tasks/list": "ListTasks",
    "tasks/cancel": "CancelTask",
    "tasks/resubscribe": "SubscribeToTask",
    "tasks/pushNotificationConfig/set": "CreateTaskPushNotificationConfig",
    "tasks/pushNotificationConfig/get": "GetTaskPushNotificationConfig",
    "tasks/pushNotificationConfig/list": "ListTaskPushNotificationConfigs",
    "tasks/pushNotificationConfig/delete": "DeleteTaskPushNotificationConfig",
    "tasks/pushNotification/set": "CreateTaskPushNotificationConfig",  # 0.1
    "tasks/pushNotification/get": "GetTaskPushNotificationConfig",  # 0.1
    "agent/getAuthenticatedExtendedCard": "GetExtendedAgentCard",
    "agent/authenticatedExtendedCard": "GetExtendedAgentCard",
}
# gRPC: the service's method → operation. 1.0's package, and that of 0.3 and of 1.0's release candidates.
GRPC_PATH: Final = re.compile(r"/(?P<package>lf\.a2a\.v1|a2a\.v1)\.A2AService/(?P<name>[A-Za-z]{1,64})")
GRPC_METHODS: Final = {
    **{name: name for name in OPERATIONS},
    "TaskSubscription": "SubscribeToTask",
    "ListTaskPushNotificationConfig": "ListTaskPushNotificationConfigs",
    "GetAgentCard": "GetExtendedAgentCard",
}

# TaskState, by its number in the protocol buffers.
_STATES: Final = (
    "UNSPECIFIED", "SUBMITTED", "WORKING", "COMPLETED", "FAILED", "CANCELED", "INPUT_REQUIRED", "REJECTED", "AUTH_REQUIRED",
)  # fmt: skip
_OTHER_SPELLINGS: Final = {"CANCELLED": "CANCELED", "UNKNOWN": "UNSPECIFIED"}
_PREFIX: Final = "TASK_STATE_"
# Where a stream rests: nothing follows these but a client's next message.
RESTING: Final = frozenset({"COMPLETED", "FAILED", "CANCELED", "REJECTED", "INPUT_REQUIRED", "AUTH_REQUIRED"})


def state(said: Any) -> str | None:
    """A task's state as 1.0 names it, without its prefix; None if it is none."""
    if isinstance(said, int) and not isinstance(said, bool):
        return _STATES[said] if 0 <= said < len(_STATES) else None
    if not isinstance(said, str):
        return None
    word = said.replace("-", "_").upper().removeprefix(_PREFIX)
    word = _OTHER_SPELLINGS.get(word, word)
    return word if word in _STATES else None


def enumerated(state: str) -> str:
    """The state as a value of 1.0's enumeration."""
    return _PREFIX + state
