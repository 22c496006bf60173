import pytest

from hexr_autoinst.dissect.memory import Memory
from hexr_autoinst.dissect.protocols.whose import by_header, remember, remembered, whose
from tests.dissect.protocols.asking import asked, exchange, rpc

INITIALIZE = {"protocolVersion": "2025-06-18", "capabilities": {}}


@pytest.mark.parametrize(
    ("body", "headers", "said"),
    [
        (rpc(1, "tools/call", {"name": "x"}), {}, "mcp"),
        (rpc(1, "message/send", {"message": {}}), {}, "a2a"),
        (rpc(1, "GetTask", {"id": "t"}), {}, "a2a"),
        (rpc(1, "message/send"), {"mcp-session-id": "s"}, "mcp"),
        (rpc(1, "anything"), {"a2a-version": "1.0"}, "a2a"),
        (rpc(1, "anything"), {"mcp-protocol-version": "2025-06-18"}, "mcp"),
        (rpc(1, "tasks/get", {"taskId": "t"}), {}, "mcp"),
        (rpc(1, "tasks/get", {"id": "t"}), {}, "a2a"),
        (rpc(1, "tasks/list", {}), {}, None),
        (rpc(1, "initialize", INITIALIZE), {}, "mcp"),
        (rpc(1, "initialize", {"protocolVersion": 1}), {}, None),
        (rpc(1, "initialize", {"processId": 7, "capabilities": {}}), {}, None),
        (rpc(1, "ping"), {}, None),
        (rpc(1, "eth_call"), {}, None),
        (rpc(1, result={}), {}, None),
        ({"method": "tools/call", "id": 1}, {}, None),
        ({"model": "m", "messages": []}, {"mcp-session-id": "s"}, None),
    ],
)
def test_in_order_header_method_parameters(body, headers, said):
    assert whose(asked(body, headers=headers)) == said


def test_what_an_address_was_used_for_decides_what_says_nothing():
    memory = Memory()
    remember(memory, exchange({}, url="http://h.test/rpc/").request, "a2a")

    assert whose(asked(rpc(1, "tasks/list", {}), memory, url="http://h.test/rpc")) == "a2a"
    assert whose(asked(rpc(1, "tasks/list", {}), memory, url="http://h.test:81/rpc")) is None
    assert remembered(memory, exchange({}, url="http://H.test/rpc").request) == "a2a"


def test_what_cannot_be_read_is_an_agents_where_a_field_says_so():
    field = {"a2a-version": "1.0"}

    assert whose(asked(text=b"{not json", headers=field)) == "a2a"
    assert whose(asked(text=b"<xml/>", headers={**field, "content-type": "text/xml"})) is None
    assert whose(asked(text=b"{not json")) is None


def test_a_version_may_stand_in_the_query():
    assert by_header(exchange({}, url="http://h.test/?A2A-Version=1.0").request) == "a2a"
