import pytest

from hexr_autoinst.dissect.claim import Claim
from hexr_autoinst.dissect.memory import Memory
from hexr_autoinst.dissect.protocols.a2a import PROTOCOL
from tests.dissect.protocols.asking import answered, asked, event, rpc

VERSION = {"a2a-version": "1.0"}
STATUS = {"statusUpdate": {"taskId": "t", "contextId": "c", "status": {"state": "TASK_STATE_WORKING"}}}


@pytest.mark.parametrize(
    ("question", "claim"),
    [
        (asked(url="http://h.test/lf.a2a.v1.A2AService/GetTask"), Claim.HOST),
        (asked(method="GET", url="http://h.test/x/.well-known/agent.json"), Claim.HOST),
        (asked(rpc(1, "SendMessage", {"message": {}})), Claim.HOST),
        (asked([rpc(1, "SendMessage")]), Claim.NO),
        (asked([rpc(1, "SendMessage")], headers=VERSION), Claim.HOST),
        (asked(rpc(1, "Nope")), Claim.NO),
        (asked(rpc(1, "Nope"), headers=VERSION), Claim.HOST),
        (asked(text=b"{not json", headers=VERSION), Claim.HOST),
        (asked(rpc(1, "tools/call")), Claim.NO),
        (asked({"message": {"role": "user", "parts": []}}, url="http://h.test/message:send"), Claim.HOST),
        (asked({"message": "hello"}, url="http://h.test/message:send"), Claim.NO),
        (asked(rpc(1, "tools/call"), url="http://h.test/tasks/t:cancel"), Claim.NO),
        (asked(method="GET", url="http://h.test/tasks/t"), Claim.SHAPE),
        (asked(method="GET", url="http://h.test/tasks/t", headers=VERSION), Claim.HOST),
        (asked(STATUS, url="http://h.test/hook"), Claim.PATH),
        (asked({"message": {"messageId": "m", "parts": []}}, url="http://h.test/hook"), Claim.NO),
        (
            asked(
                {"message": {"messageId": "m", "parts": []}},
                headers={"x-a2a-notification-token": "[redacted]"},
            ),
            Claim.PATH,
        ),
        (asked({"model": "m", "messages": []}), Claim.NO),
        (asked(method="GET"), Claim.NO),
    ],
)
def test_what_is_claimed(question, claim):
    assert PROTOCOL.claim(question) == claim


def test_a_card_is_no_call_and_is_remembered():
    memory = Memory()
    question = asked(method="GET", memory=memory, url="http://h.test/.well-known/agent-card.json")
    card = PROTOCOL.open(question, content=False)
    assert (card.begin(), card.frame(event({}))) == ((), ())
    assert card.close(answered(question.exchange, {"name": "A", "url": "http://h.test/rpc"})) == ()

    assert PROTOCOL.claim(asked(rpc(1, "Nope"), memory, url="http://h.test/rpc")) == Claim.HOST
    assert PROTOCOL.claim(asked(rpc(1, "Nope"), memory, url="http://h.test/mcp")) == Claim.NO
    assert card.close(answered(question.exchange, status=304)) == ()
    assert PROTOCOL.claim(asked(rpc(1, "Nope"), memory, url="http://h.test/rpc")) == Claim.HOST


def test_an_address_that_was_asked_for_is_pushed_to():
    memory = Memory()
    config = {"taskId": "t", "url": "http://hook.test:8080/h", "token": "[redacted]"}
    PROTOCOL.open(asked(rpc(1, "CreateTaskPushNotificationConfig", config), memory), content=False)
    body = {"kind": "task", "id": "t"}

    assert PROTOCOL.claim(asked(body, memory, url="http://hook.test:8080/h")) == Claim.PATH
    assert PROTOCOL.claim(asked(body, memory, url="http://hook.test:8080/other")) == Claim.NO


def test_a_batch_has_no_operation():
    question = asked([rpc(1, "SendMessage")], headers=VERSION)
    call = PROTOCOL.open(question, content=False)
    (begun,) = call.begin()
    (done,) = call.close(answered(question.exchange, rpc(None, error={"code": -32600})))

    assert (begun.operation.method, done.operation.operation, done.operation.failure.type) == (
        "_other",
        "_other",
        "-32600",
    )
