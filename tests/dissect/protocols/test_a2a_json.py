import pytest
from hypothesis import given

from hexr_autoinst.dissect.protocols import a2a_json
from hexr_autoinst.dissect.protocols.a2a_seen import Seen
from hexr_autoinst.dissect.protocols.a2a_words import state
from tests.dissect.protocols.asking import any_json


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ({"task": {"id": "t"}}, "task"), ({"msg": {"messageId": "m"}}, "message"), ({"status_update": {}}, "status"),
        ({"kind": "artifact-update", "taskId": "t"}, "artifact"), ({"kind": "status-update", "status": {}}, "status"),
        ({"id": "t", "status": {"state": "working"}}, "task"), ({"id": "t", "status": "done"}, None),
        ({"messageId": "m", "parts": []}, "message"), ({"id": "t", "artifact": {}}, "artifact"), ({"id": "x"}, None), (None, None),
    ],
)  # fmt: skip
def test_an_object_of_any_version_is_known(value, kind):
    assert a2a_json.event(value)[0] == kind


@pytest.mark.parametrize(
    ("value", "is_one"),
    [
        (
            {"statusUpdate": {"taskId": "t", "contextId": "c", "status": {"state": "TASK_STATE_WORKING"}}},
            True,
        ),
        ({"artifactUpdate": {"taskId": "t", "contextId": "c", "artifact": {}}}, True),
        ({"kind": "task", "id": "t", "contextId": "c", "status": {"state": "working"}}, True),
        ({"id": "t", "status": {"state": "completed"}}, False),
        ({"statusUpdate": {"taskId": "t"}}, False),
        ({"task": "water the flowers"}, False),
        ({"message": {"messageId": "m", "parts": []}}, False),
    ],
)
def test_a_notification_by_its_shape_alone(value, is_one):
    assert a2a_json.is_notification(value) == is_one


@pytest.mark.parametrize(
    ("params", "task"),
    [
        ({"id": "t"}, "t"), ({"name": "tasks/t/pushNotificationConfigs/c"}, "t"), ({"taskId": "t", "id": "c"}, "t"),
        ({"parent": "tasks/t"}, "t"), ({"id": "c", "url": "http://x.test"}, None), ({"message": {"taskId": "t"}}, "t"), ({}, None),
    ],
)  # fmt: skip
def test_a_request_names_its_task(params, task):
    seen = Seen()
    a2a_json.asked(params, seen)

    assert seen.task == task


@pytest.mark.parametrize(
    "params",
    [
        {"configuration": {"pushNotificationConfig": {"url": "http://hook.test/h"}}},
        {"configuration": {"taskPushNotificationConfig": {"url": "http://hook.test/h"}}},
        {"taskId": "t", "pushNotificationConfig": {"url": "http://hook.test/h"}},
        {"config": {"pushNotificationConfig": {"url": "http://hook.test/h"}}},
        {"url": "http://hook.test/h"},
    ],
)
def test_where_a_client_wants_to_be_told(params):
    seen = Seen()
    a2a_json.asked(params, seen)

    assert seen.hook == "http://hook.test/h"


@pytest.mark.parametrize(
    ("value", "status", "type_", "code"),
    [
        ({"error": {"code": -32001, "message": "no"}}, None, "-32001", "-32001"),
        ({"error": {"code": 0}}, None, "0", "0"),
        (
            {"error": {"code": -32001, "data": {"@type": "x/google.rpc.ErrorInfo", "reason": "R"}}},
            None,
            "R",
            "-32001",
        ),
        ({"error": {"code": 404, "status": "NOT_FOUND"}}, "404", "NOT_FOUND", "404"),
        ({"message": "Task not found"}, "404", "404", None),
        ({"type": "https://a2a-protocol.org/errors/task-not-found"}, "404", "task-not-found", None),
        (None, "502", "502", None),
        ({"error": "odd"}, None, "_OTHER", None),
    ],
)
def test_why_a_call_failed(value, status, type_, code):
    failure, said = a2a_json.failed(value, status, content=False)

    assert (failure.type, failure.message, said) == (type_, "", code)


def test_what_has_not_failed():
    assert a2a_json.failed({"result": {}}, None, content=True) == (None, None)


@given(any_json)
def test_any_json_is_read_and_nothing_is_invented(value):
    seen = Seen()
    a2a_json.asked(value if isinstance(value, dict) else {}, seen)
    a2a_json.said(value, 1, seen)
    a2a_json.failed(value, None, content=True)

    text = repr(value)
    assert seen.state is None or state(seen.state) == seen.state
    assert all(part in text for part in (seen.message, seen.context) if part and part.isalnum())
