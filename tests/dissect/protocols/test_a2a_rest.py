import pytest

from hexr_autoinst.dissect.protocols import a2a_rest
from hexr_autoinst.dissect.protocols.a2a_seen import Seen
from tests.dissect.protocols.asking import exchange


@pytest.mark.parametrize(
    ("request_", "operation", "base", "task"),
    [
        ("POST /message:send", "SendMessage", "", None),
        ("POST /acme/message:stream", "SendStreamingMessage", "/acme", None),
        ("POST /rest/v1/message:send", "SendMessage", "/rest", None),
        ("GET /v1/tasks/a%20b", "GetTask", "", "a b"),
        ("GET /tasks", "ListTasks", "", None),
        ("POST /tasks/t:cancel", "CancelTask", "", "t"),
        ("GET /v1/tasks/t:subscribe", "SubscribeToTask", "", "t"),
        ("POST /tasks/t:subscribe", "SubscribeToTask", "", "t"),
        ("POST /tasks/t/pushNotificationConfigs", "CreateTaskPushNotificationConfig", "", "t"),
        ("GET /tasks/t/pushNotificationConfigs/c", "GetTaskPushNotificationConfig", "", "t"),
        ("GET /tasks/t/pushNotificationConfigs", "ListTaskPushNotificationConfigs", "", "t"),
        ("DELETE /tasks/t/pushNotificationConfigs/c", "DeleteTaskPushNotificationConfig", "", "t"),
        ("GET /extendedAgentCard", "GetExtendedAgentCard", "", None),
        ("GET /v1/card", "GetExtendedAgentCard", "", None),
    ],
)
def test_method_and_end_of_path_are_the_operation(request_, operation, base, task):
    method, _, path = request_.partition(" ")
    found = a2a_rest.route(exchange(method=method, url=f"http://h.test{path}").request)

    assert (found.operation, found.base, found.task) == (operation, base, task)


@pytest.mark.parametrize(
    "request_",
    ["POST /tasks", "PUT /message:send", "GET /tasks/a/b", "GET /v1/cards", "POST /message:sent", "GET /"],
)
def test_other_paths_are_nobodys(request_):
    method, _, path = request_.partition(" ")

    assert a2a_rest.route(exchange(method=method, url=f"http://h.test{path}").request) is None


def test_a_query_says_context_and_tenant():
    request = exchange(method="GET", url="http://h.test/tasks?contextId=c%201&tenant=t").request
    seen = Seen()
    a2a_rest.asked(request, a2a_rest.route(request), None, seen)

    assert (seen.context, seen.tenant) == ("c 1", "t")


def test_the_body_of_a_send():
    assert a2a_rest.sends({"message": {"role": "ROLE_USER"}})
    assert a2a_rest.sends({"request": {"message_id": "m"}})
    assert not a2a_rest.sends({"message": "hello"})
    assert not a2a_rest.sends(None)
