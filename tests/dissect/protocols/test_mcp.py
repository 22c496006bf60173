import pytest

from hexr_autoinst.dissect.claim import Claim
from hexr_autoinst.dissect.memory import Memory
from hexr_autoinst.dissect.protocols.mcp import PROTOCOL
from hexr_autoinst.dissect.question import Question
from hexr_autoinst.model.exchange import Exchange, Request
from tests.dissect.protocols.asking import asked, event, piped, rpc

SSE = {"accept": "text/event-stream"}
SESSION = {"mcp-session-id": "s"}


@pytest.mark.parametrize(
    ("question", "claim"),
    [
        (asked(rpc(1, "tools/call")), Claim.HOST),
        (asked(rpc(1, result={})), Claim.NO),
        (asked(rpc(1, result={}), headers=SESSION), Claim.HOST),
        (asked(rpc(1, "message/send")), Claim.NO),
        (asked({"model": "m"}, headers=SESSION), Claim.NO),
        (asked(method="GET", headers={**SSE, **SESSION}), Claim.HOST),
        (asked(method="GET", headers=SSE), Claim.SHAPE),
        (asked(method="GET", headers=SSE, url="http://h.test/v1/tasks/t:subscribe"), Claim.NO),
        (asked(method="GET"), Claim.NO),
        (asked(method="DELETE", headers=SESSION), Claim.HOST),
        (asked(method="DELETE"), Claim.NO),
        (asked(method="PUT", headers=SESSION), Claim.NO),
        (piped(), Claim.SHAPE),
    ],
)
def test_what_is_claimed(question, claim):
    assert PROTOCOL.claim(question) == claim


@pytest.mark.parametrize(
    ("scheme", "body", "claim"),
    [
        ("stdio", b'{"jsonrpc":"2.0","id":1,"method":"tools/list"}', Claim.HOST),
        ("stdio", b'{"jsonrpc":"2.0","id":1,"method":"session/new"}', Claim.NO),
        ("stdio", b"Content-Length: 20\r\n", Claim.NO),
        ("redis", b"", Claim.NO),
    ],
)
def test_pipes_by_their_first_line_where_it_is_known(scheme, body, claim):
    exchange = Exchange(
        "p", "ebpf", None, "c", 0, "client", Request(0, "STREAM", scheme, "", 0, "x", body=body)
    )

    assert PROTOCOL.claim(Question(exchange)) == claim


def test_whatever_is_posted_to_a_sessions_own_address_is_its():
    memory = Memory()
    stream = PROTOCOL.open(
        asked(method="GET", memory=memory, headers=SSE, url="http://h.test/sse"), content=False
    )
    stream.frame(event("/m?session_id=7", name="endpoint"))

    assert PROTOCOL.claim(asked(rpc(1, result={}), memory, url="http://h.test/m?session_id=7")) == Claim.HOST
    assert PROTOCOL.claim(asked({"x": 1}, memory, url="http://h.test/m?session_id=7")) == Claim.NO
