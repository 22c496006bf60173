import pytest

from hexr_autoinst.dissect.protocols.a2a_words import (
    GRPC_METHODS,
    GRPC_PATH,
    METHODS,
    OPERATIONS,
    SENDS,
    STREAMS,
    enumerated,
    state,
)


@pytest.mark.parametrize(
    ("said", "state_"),
    [
        ("completed", "COMPLETED"), ("input-required", "INPUT_REQUIRED"), ("TASK_STATE_CANCELLED", "CANCELED"), ("canceled", "CANCELED"),
        ("unknown", "UNSPECIFIED"), ("TASK_STATE_AUTH_REQUIRED", "AUTH_REQUIRED"), (3, "COMPLETED"), (8, "AUTH_REQUIRED"), (9, None),
        (-1, None), (True, None), ("done", None), (None, None), ({}, None),
    ],
)  # fmt: skip
def test_every_spelling_of_a_state(said, state_):
    assert state(said) == state_


def test_a_state_as_the_enumeration_of_1_0():
    assert enumerated("AUTH_REQUIRED") == "TASK_STATE_AUTH_REQUIRED"


def test_every_name_of_any_version_is_an_operation_of_1_0():
    assert set(METHODS.values()) == set(OPERATIONS)
    assert set(GRPC_METHODS.values()) == set(OPERATIONS)
    assert SENDS < set(OPERATIONS)
    assert STREAMS < set(OPERATIONS)


def test_both_packages_of_the_service():
    assert GRPC_PATH.fullmatch("/lf.a2a.v1.A2AService/GetTask")["name"] == "GetTask"
    assert GRPC_PATH.fullmatch("/a2a.v1.A2AService/TaskSubscription")["package"] == "a2a.v1"
    assert GRPC_PATH.fullmatch("/x.a2a.v1.A2AService/GetTask") is None
