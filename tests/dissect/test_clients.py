import pytest

from hexr_autoinst.dissect import ask, clients
from hexr_autoinst.model.exchange import Headers


@pytest.mark.parametrize(
    ("fields", "ids", "conversation"),
    [
        ({"X-Claude-Code-Session-Id": "s"}, (("session", "s"),), "s"),
        (
            {"X-Claude-Code-Session-Id": "s", "X-Claude-Code-Agent-Id": "a"},
            (("session", "s"), ("agent", "a")),
            "s",
        ),
        ({"session_id": "s", "conversation_id": "c"}, (("session", "s"), ("thread", "c")), "c"),
        ({"session-id": "s", "thread-id": "t"}, (("session", "s"), ("thread", "t")), "t"),
        ({"x-session": "s", "session_id": ""}, (), None),
    ],
)
def test_what_a_client_names_its_conversation(fields, ids, conversation):
    headers = Headers(tuple(fields.items()))

    assert clients.ids(headers) == ids
    assert clients.conversation(headers) == conversation


def test_each_field_stays_in_a_veiled_recording():
    assert {f"{name}:" for name in clients.FIELDS} <= set(ask.HEADERS)


def test_an_id_is_cut_to_a_word():
    assert len(clients.conversation(Headers((("session_id", "s" * 9999),)))) == 256
