import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexr_autoinst.dissect.protocols import a2a_grpc
from hexr_autoinst.dissect.protocols.a2a_seen import Seen
from hexr_autoinst.dissect.protocols.a2a_words import OPERATIONS
from hexr_autoinst.model.exchange import Headers
from tests.dissect.protocols.asking import answered, exchange
from tests.dissect.protocols.test_protobuf import field

CURRENT, OLDER = "lf.a2a.v1", "a2a.v1"


@pytest.mark.parametrize(
    ("method", "package", "data", "task"),
    [
        ("GetTask", CURRENT, field(2, "t"), "t"),
        ("CreateTaskPushNotificationConfig", CURRENT, field(2, "cfg") + field(3, "t"), "t"),
        ("ListTaskPushNotificationConfigs", CURRENT, field(1, "t") + field(4, "ten"), "t"),
        ("GetTask", OLDER, field(1, "tasks/t"), "t"),
        ("GetTask", OLDER, field(1, "t"), "t"),
        ("GetTaskPushNotificationConfig", OLDER, field(1, "tasks/t/pushNotificationConfigs/c"), "t"),
        ("ListTasks", CURRENT, field(2, "ctx"), None),
        ("GetExtendedAgentCard", CURRENT, field(1, "ten"), None),
    ],
)
def test_a_request_names_its_task_where_its_version_does(method, package, data, task):
    seen = Seen()
    a2a_grpc.asked(method, package, data, seen)

    assert seen.task == task


def test_the_release_candidate_has_the_package_of_0_3_and_may_have_the_fields_of_1_0():
    for data in (field(1, field(1, "m")), field(1, "ten") + field(2, field(1, "m"))):
        seen = Seen()
        a2a_grpc.asked("SendMessage", OLDER, data, seen)

        assert seen.message == "m"


@pytest.mark.parametrize(
    ("headers", "trailers", "type_", "code"),
    [
        ({}, {"grpc-status": "5"}, "NOT_FOUND", "NOT_FOUND"),
        ({"grpc-status": "13"}, {}, "INTERNAL", "INTERNAL"),
        ({}, {"grpc-status": "99"}, "99", "99"),
        ({}, {"grpc-status": "odd"}, "odd", "odd"),
    ],
)
def test_a_status_in_the_trailers_or_in_a_head_that_is_all(headers, trailers, type_, code):
    from dataclasses import replace

    ended = answered(exchange(), headers=headers)
    ended = replace(ended, response=replace(ended.response, trailers=Headers(tuple(trailers.items()))))
    failure, said = a2a_grpc.failed(ended, content=False)

    assert (failure.type, said) == (type_, code)


def test_the_reason_stands_in_the_details():
    info = field(1, "type.googleapis.com/google.rpc.ErrorInfo") + field(2, field(1, "TASK_NOT_FOUND"))
    details = base64.b64encode(field(1, 5) + field(3, info)).decode().rstrip("=")
    failure, _ = a2a_grpc.failed(
        answered(exchange(), headers={"grpc-status": "5", "grpc-status-details-bin": details}), content=False
    )

    assert failure.type == "TASK_NOT_FOUND"


def test_no_status_is_no_failure_unless_http_says_so():
    assert a2a_grpc.failed(answered(exchange()), content=False) == (None, None)
    assert a2a_grpc.failed(exchange(), content=False) == (None, None)
    assert a2a_grpc.failed(answered(exchange(), status=503), content=False)[0].type == "503"


def test_a_push_configuration_is_no_task():
    seen = Seen()

    assert not a2a_grpc.said("ListTasks", b"", 1, seen)
    assert seen == Seen()


def test_a_body_that_is_still_framed():
    framed = b"\0\0\0\0\x01a" + b"\x01\0\0\0\x01z" + b"\0\0\0\0\x02bc" + b"\0\0\0\0\x09cut"

    assert a2a_grpc.unframed(framed) == [b"a", b"bc"]


@given(st.sampled_from(sorted(OPERATIONS)), st.sampled_from([CURRENT, OLDER]), st.binary(max_size=300))
def test_any_bytes_are_read(method, package, data):
    seen = Seen()
    a2a_grpc.asked(method, package, data, seen)
    a2a_grpc.said(method, data, 1, seen)

    assert sum(map(len, a2a_grpc.unframed(data))) <= len(data)
    assert len(seen.moments) <= 1
