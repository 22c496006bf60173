from hypothesis import given

from hexr_autoinst.dissect.memory import Memory
from hexr_autoinst.dissect.protocols import a2a_cards
from tests.dissect.protocols.asking import any_json, exchange

FETCH = exchange(method="GET", url="http://h.test:8000/agents/a/.well-known/agent-card.json").request
CARD = {
    "name": "Root",
    "version": "3",
    "protocolVersion": "0.3.0",
    "url": "http://h.test:8000/agents/a/rpc",
    "preferredTransport": "JSONRPC",
    "additionalInterfaces": [
        {"url": "https://other.test/rest", "transport": "HTTP+JSON"},
        {"url": "h.test:50051", "transport": "GRPC"},
        {"url": "http://[broken", "transport": "GRPC"},
    ],
}


def named(memory, url):
    found = a2a_cards.lookup(memory, exchange(url=url).request)
    return found and found.name


def test_a_card_names_every_address_that_it_lists_and_where_it_stands():
    memory = Memory()
    a2a_cards.remember(memory, FETCH, CARD)

    assert named(memory, "http://h.test:8000/agents/a/rpc") == "Root"
    assert named(memory, "http://h.test:8000/agents/a/else") == "Root"
    assert named(memory, "https://other.test/rest/v1/message:send") == "Root"
    assert named(memory, "http://h.test:50051/a2a.v1.A2AService/GetTask") == "Root"
    assert named(memory, "https://other.test/restaurant") is None
    assert named(memory, "http://h.test:8000/agents/b/rpc") is None


def test_the_longest_path_wins_and_the_newest_card():
    memory = Memory()
    a2a_cards.remember(memory, FETCH, CARD)
    inner = {
        "name": "Inner",
        "supportedInterfaces": [{"url": "http://h.test:8000/agents/a/rpc/x", "protocolVersion": "1.0"}],
    }
    a2a_cards.remember(memory, FETCH, inner)

    assert named(memory, "http://h.test:8000/agents/a/rpc/x/y") == "Inner"
    assert named(memory, "http://h.test:8000/agents/a/rpc") == "Root"
    assert named(memory, "http://h.test:8000/agents/a/else") == "Inner"


def test_only_an_address_of_json_rpc_is_served_there():
    memory = Memory()
    a2a_cards.remember(memory, FETCH, CARD)

    assert a2a_cards.served_at(memory, exchange(url="http://h.test:8000/agents/a/rpc/").request)
    assert not a2a_cards.served_at(memory, exchange(url="http://h.test:8000/agents/a/mcp").request)
    assert not a2a_cards.served_at(memory, exchange(url="https://other.test/rest").request)


@given(any_json)
def test_any_json_is_a_card_or_none(value):
    memory = Memory()
    a2a_cards.remember(memory, FETCH, value)

    assert a2a_cards.is_card(value) == bool(memory.books)
