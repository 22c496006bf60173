from hypothesis import given

from hexr_autoinst.dissect.protocols.jsonrpc import identity, is_batch, messages
from tests.dissect.protocols.asking import any_json, rpc


def test_a_request_a_notification_and_an_answer():
    request, notification, result, error = messages(
        [rpc(0, "ping"), rpc(None, "x"), rpc("a", result=None), rpc(None, error={"code": 0})]
    )

    assert (request.is_request, request.id) == (True, 0)
    assert (notification.is_request, notification.is_answer) == (False, False)
    assert (result.is_answer, result.id, result.error) == (True, "a", None)
    assert (error.is_answer, error.id, error.error) == (True, None, {"code": 0})


def test_what_is_no_message_is_left_out():
    assert (
        list(messages([{"method": "x", "id": 1}, 1, None, rpc(1), {"jsonrpc": "1.0", "method": "x"}])) == []
    )


def test_types_of_ids_are_kept_apart_and_a_fraction_is_none():
    assert [identity(v) for v in (1, "1", 1.0, 1.5, True, None, "", "x" * 1025, 1 << 64)] == [
        1, "1", 1, None, None, None, None, None, None,
    ]  # fmt: skip


def test_a_batch_is_an_array():
    assert (is_batch([]), is_batch({})) == (True, False)


@given(any_json)
def test_any_json_is_messages_or_none(value):
    for message in messages(value):
        assert message.is_answer != (message.method is not None)
        assert message.id is None or isinstance(message.id, int | str)
