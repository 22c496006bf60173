import pytest

pytest.importorskip("mitmproxy", reason="mitmproxy's environment is not here (HEXR_PROXY_PYTHON names it)")

from mitmproxy import connection, flow, http

from hexr_autoinst.model.facts import Address, Data, End, Head, Key
from proxy_addons.tap import PIECE, Tap, cut_by


def a_client(port=5000):
    return connection.Client(peername=("127.0.0.1", port), sockname=("127.0.0.1", 7718), timestamp_start=0)


def a_flow(client=None, **more):
    server = connection.Server(address=("api.test", 443))
    server.peername = ("192.0.2.7", 443)
    found = http.HTTPFlow(client or a_client(), server)
    found.request = http.Request.make(
        "POST", "https://api.test/v1/chat?x=1", b"", {"Host": "api.test", "X-Odd": "caf\u00e9"}
    )
    found.request.http_version = "HTTP/1.1"
    return found


def answered(found, status=200):
    found.response = http.Response.make(status, b"", {"Content-Type": "application/json"})
    return found


class Sink(list):
    """Takes facts until it is full."""

    room = 1000

    def __call__(self, fact):
        if len(self) < self.room:
            self.append(fact)
            return True
        return False


@pytest.fixture
def sink():
    return Sink()


@pytest.fixture
def tap(sink):
    clock = iter(range(1, 100_000))
    return Tap(sink, lambda: next(clock), lambda _: Key(42, 4711))


def test_a_whole_exchange_is_told_in_its_order(tap, sink):
    client = a_client()
    found = a_flow(client)
    tap.requestheaders(found)
    assert found.request.stream(b"ask") == b"ask"
    assert found.request.stream(b"") == b""
    tap.request(found)
    tap.responseheaders(answered(found))
    assert found.response.stream(b"tell") == b"tell"
    tap.response(found)
    local, peer = Address("127.0.0.1", 5000), Address("192.0.2.7", 443)

    assert list(sink) == [
        Head(
            1, "proxy", found.id, "request", key=Key(42, 4711), conn=client.id, ordinal=0, local=local, peer=peer,
            method="POST", scheme="https", authority="api.test", target="/v1/chat?x=1", version="HTTP/1.1",
            headers=(("Host", "api.test"), ("X-Odd", "caf\u00c3\u00a9"), ("content-length", "0")),
        ),
        Data(2, "proxy", found.id, "request", b"ask"),
        End(3, "proxy", found.id, "request"),
        Head(
            4, "proxy", found.id, "response", key=Key(42, 4711), conn=client.id, local=local, peer=peer,
            status=200, version="HTTP/1.1", headers=(("Content-Type", "application/json"), ("content-length", "0")),
        ),
        Data(5, "proxy", found.id, "response", b"tell"),
        End(6, "proxy", found.id, "response"),
    ]  # fmt: skip
    assert tap._flows == {}


def test_header_bytes_survive_whatever_they_are(tap, sink):
    found = a_flow()
    found.request.headers = http.Headers([(b"x", bytes(range(128, 256)))])
    tap.requestheaders(found)

    assert sink[0].headers[0][1].encode("latin-1") == bytes(range(128, 256))


def test_requests_of_one_connection_are_numbered_and_others_are_not_mixed_in(tap, sink):
    one, other = a_client(1), a_client(2)
    for client in (one, other, one, one):
        tap.requestheaders(a_flow(client))

    assert [(h.conn, h.ordinal) for h in sink] == [(one.id, 0), (other.id, 0), (one.id, 1), (one.id, 2)]


def test_trailers_are_told_with_the_end(tap, sink):
    found = a_flow()
    tap.requestheaders(found)
    tap.responseheaders(answered(found))
    found.response.trailers = http.Headers([(b"grpc-status", b"0")])
    tap.response(found)

    assert sink[-1].trailers == (("grpc-status", "0"),)


@pytest.mark.parametrize(
    ("message", "word"),
    [
        ("Client disconnected.", "closed_by_client"),
        ("stream reset by client (CANCEL)", "closed_by_client"),
        (
            "HTTP/1 protocol error: peer closed connection without sending complete message body",
            "closed_by_server",
        ),
        ("server disconnected", "closed_by_server"),
        ("something else", "truncated"),
        ("", "truncated"),
    ],
)
def test_what_cut_a_flow_has_a_word(message, word):
    assert cut_by(message) == word


def test_a_cut_flow_ends_what_is_open_and_nothing_twice(tap, sink):
    found = a_flow()
    tap.requestheaders(found)
    tap.request(found)
    tap.responseheaders(answered(found))
    found.error = flow.Error("Client disconnected.")
    tap.error(found)
    tap.client_disconnected(found.client_conn)
    ends = [f for f in sink if isinstance(f, End)]

    assert [(e.side, e.error) for e in ends] == [("request", ""), ("response", "closed_by_client")]


def test_a_connection_that_ends_sweeps_what_nobody_ended(tap, sink):
    client = a_client()
    left, other = a_flow(client), a_flow()
    tap.requestheaders(left)
    tap.requestheaders(other)
    tap.client_disconnected(client)
    ends = [f for f in sink if isinstance(f, End)]

    assert [(e.flow, e.side, e.error) for e in ends] == [
        (left.id, "request", "closed_by_client"),
        (left.id, "response", "closed_by_client"),
    ]
    assert list(tap._flows) == [other.id]
    assert tap.counts["swept"] == 1


def test_what_found_no_room_is_said_with_what_comes_next_and_at_the_end(tap, sink):
    found = a_flow()
    tap.requestheaders(found)
    sink.room = 1
    found.request.stream(b"12345")
    found.request.stream(b"678")
    sink.room = 2
    found.request.stream(b"9")
    assert sink[-1] == Data(4, "proxy", found.id, "request", b"9", lost_before=8)

    found.request.stream(b"lost")
    sink.room = 9
    tap.request(found)
    assert (sink[-1].side, sink[-1].error) == ("request", "truncated")


def test_a_sink_that_raises_costs_the_client_nothing():
    def broken(fact):
        if isinstance(fact, Data):
            raise RuntimeError  # noqa: TRY004 - any exception will do
        return True

    tap = Tap(broken, lambda: 1)
    found = a_flow()
    tap.requestheaders(found)

    assert found.request.stream(b"precious") == b"precious"
    assert tap.counts["tee_errors"] == 1


def test_a_large_piece_is_told_in_smaller_ones(tap, sink):
    found = a_flow()
    tap.requestheaders(found)
    found.request.stream(b"z" * (2 * PIECE + 5))

    assert [len(f.data) for f in sink[1:]] == [PIECE, PIECE, 5]


def test_an_upgraded_connection_is_left_to_mitmproxy(tap, sink):
    found = a_flow()
    tap.requestheaders(found)
    tap.responseheaders(answered(found, 101))

    assert found.response.stream is False
    assert sink[-1].status == 101


def a_dialogue(tap):
    from mitmproxy import websocket

    found = a_flow()
    tap.requestheaders(found)
    tap.request(found)
    tap.responseheaders(answered(found, 101))
    found.websocket = websocket.WebSocketData()
    tap.response(found)
    return found


def a_message(tap, found, content, *, client=True, text=True):
    from mitmproxy import websocket
    from wsproto.frame_protocol import Opcode

    kind = Opcode.TEXT if text else Opcode.BINARY
    found.websocket.messages.append(websocket.WebSocketMessage(kind, client, content))
    tap.websocket_message(found)


def closed(tap, found, code, reason="", *, client=True):
    found.websocket.closed_by_client, found.websocket.close_code, found.websocket.close_reason = (
        client,
        code,
        reason,
    )
    tap.websocket_end(found)


def test_messages_of_a_websocket_are_told_and_only_the_last_is_kept(tap, sink):
    found = a_dialogue(tap)
    before = len(sink)
    a_message(tap, found, b"ask")
    a_message(tap, found, b"\0say", client=False, text=False)
    a_message(tap, found, b"")
    closed(tap, found, 4001, "enough")

    assert [(type(f), f.side, getattr(f, "message", ""), getattr(f, "data", b"")) for f in sink[before:]] == [
        (Data, "request", "text", b"ask"), (Data, "response", "binary", b"\0say"), (Data, "request", "text", b""),
        (Data, "request", "close", b"\x0f\xa1enough"), (End, "response", "", b""),
    ]  # fmt: skip
    assert [m.content for m in found.websocket.messages] == [b""]
    assert tap.counts["websocket_messages"] == 3
    assert [f.side for f in sink if isinstance(f, End)] == ["request", "response"]


def test_a_large_message_is_told_in_pieces(tap, sink):
    found = a_dialogue(tap)
    a_message(tap, found, b"z" * (2 * PIECE + 5))

    assert [(len(f.data), f.more) for f in sink if isinstance(f, Data)] == [
        (PIECE, True),
        (PIECE, True),
        (5, False),
    ]


@pytest.mark.parametrize(
    ("code", "client", "told", "word"),
    [
        (1005, True, b"", ""),
        (1006, True, None, "closed_by_client"),
        (1006, False, None, "closed_by_server"),
        (1000, False, b"\x03\xe8", ""),
    ],
)
def test_how_a_dialogue_ends(tap, sink, code, client, told, word):
    found = a_dialogue(tap)
    closed(tap, found, code, client=client)

    said = [(f.side, f.data) for f in sink if isinstance(f, Data)]
    assert said == ([] if told is None else [("request" if client else "response", told)])
    assert sink[-1].error == word
    tap.client_disconnected(found.client_conn)
    assert isinstance(sink[-1], End)
    assert sum(isinstance(f, End) for f in sink) == 2


def test_a_dialogue_whose_client_disconnects_ends(tap, sink):
    found = a_dialogue(tap)
    tap.client_disconnected(found.client_conn)

    assert (sink[-1].side, sink[-1].error) == ("response", "closed_by_client")


def test_a_message_that_found_no_room_is_counted_with_the_next(tap, sink):
    found = a_dialogue(tap)
    sink.room = len(sink)
    a_message(tap, found, b"lost")
    sink.room = 1000
    a_message(tap, found, b"told")

    assert (sink[-1].data, sink[-1].lost_before) == (b"told", 4)


def test_a_server_that_is_not_connected_has_its_name(tap, sink):
    found = a_flow()
    found.server_conn.peername = None
    tap.requestheaders(found)

    assert sink[0].peer == Address("api.test", 443)


def test_a_client_without_an_address_is_survived(tap, sink):
    client = a_client()
    client.peername = None
    tap.requestheaders(a_flow(client))

    assert sink[0].local is None
