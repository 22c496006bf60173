"""The tap: mitmproxy's flows, WebSocket messages too, become Head, Data and End facts. It translates, decides nothing, never delays a flow.

For facts of the proxy `local` is the agent's end of its connection *to the proxy* (the peer of
the accepted socket), so that the same call seen by the kernel can be found by 4-tuple; `peer` is
the server's address upstream. `conn` is the id of the client's connection, `ordinal` the request's
number on it. Bodies stream through untouched; what is told is a copy.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from mitmproxy import connection, http

from hexr_autoinst.model.facts import Address, Data, End, Fact, Head, Key, Message, Side

# Far below the longest frame of the stream, and a size that the rest need not split again.
PIECE: Final = 256 << 10
# In a flow's metadata: its request waits for somebody's word, and is told when it goes on.
HELD: Final = "hexr.held"
_NO_CODE, _ABNORMAL = 1005, 1006
_CLIENT_WORDS: Final = ("client disconnected", "stream reset by client", "closed by client")
_SERVER_WORDS: Final = ("server", "peer closed", "upstream", "connection reset", "stream reset")


@dataclass(slots=True)
class _Flow:
    """What is open of one flow: its sides, and the bytes of each that found no room. `answered`: the answer's head is told."""

    conn: str
    ordinal: int
    open: set[Side] = field(default_factory=set)
    answered: bool = False
    lost: Counter[Side] = field(default_factory=Counter)


class Tap:
    """An addon. `sink` takes a fact or says that it had no room; `now` is the fact clock."""

    def __init__(
        self,
        sink: Callable[[Fact], bool],
        now: Callable[[], int],
        key_of: Callable[[str], Key | None] = lambda _: None,
    ) -> None:
        """`key_of` names the process behind a client connection's id."""
        self.counts: Counter[str] = Counter()
        self._sink = sink
        self._now = now
        self._key_of = key_of
        # Requests of each client connection: the next one's number.
        self.ordinals: Counter[str] = Counter()
        # Whoever wants to see what passes, by flow and side.
        self.beside: Callable[[str, Side, bytes], None] | None = None
        self._flows: dict[str, _Flow] = {}

    def requestheaders(self, flow: http.HTTPFlow) -> None:
        """A request begins."""
        conn = flow.client_conn.id
        known = self._flows[flow.id] = _Flow(conn, self.ordinals[conn])
        self.ordinals[conn] += 1
        known.open |= {"request", "response"}
        if HELD not in flow.metadata:
            flow.request.stream = self._tee(flow.id, "request")
            self._asked(flow, known)

    def _asked(self, flow: http.HTTPFlow, known: _Flow) -> None:
        request, conn = flow.request, known.conn
        self._sink(
            Head(
                self._now(), "proxy", flow.id, "request",
                key=self._key_of(conn), conn=conn, ordinal=known.ordinal,
                local=_address(flow.client_conn.peername), peer=_upstream(flow),
                method=request.method, scheme=request.scheme,
                authority=request.authority or request.host_header or f"{request.host}:{request.port}",
                target=request.path, version=request.http_version, headers=_headers(request.headers),
            )
        )  # fmt: skip

    def request(self, flow: http.HTTPFlow) -> None:
        """A request is whole."""
        known = self._flows.get(flow.id)
        if HELD in flow.metadata and known is not None:
            self._asked(flow, known)
            self._data(flow.id, "request", flow.request.raw_content or b"")
        self._end(flow.id, "request", trailers=_headers(flow.request.trailers))

    def responseheaders(self, flow: http.HTTPFlow) -> None:
        """An answer begins."""
        response = flow.response
        if response is None:
            return
        # After 101 the bytes are another protocol's: mitmproxy wants them itself.
        response.stream = self._tee(flow.id, "response") if response.status_code != 101 else False
        self._answers(flow, response)

    def _answers(self, flow: http.HTTPFlow, response: http.Response) -> None:
        conn = flow.client_conn.id
        if known := self._flows.get(flow.id):
            known.answered = True
        self._sink(
            Head(
                self._now(), "proxy", flow.id, "response",
                key=self._key_of(conn), conn=conn,
                local=_address(flow.client_conn.peername), peer=_upstream(flow),
                status=response.status_code, version=response.http_version, headers=_headers(response.headers),
            )
        )  # fmt: skip

    def response(self, flow: http.HTTPFlow) -> None:
        """An answer is whole; after an upgrade to WebSocket it has only begun."""
        self._end(flow.id, "request")
        if flow.websocket is not None:
            return
        known = self._flows.get(flow.id)
        # An answer that was made here has no head of its own hook.
        if flow.response is not None and known is not None and not known.answered:
            self._answers(flow, flow.response)
            self._data(flow.id, "response", flow.response.raw_content or b"")
        self._end(flow.id, "response", trailers=_headers(flow.response.trailers if flow.response else None))
        self._flows.pop(flow.id, None)

    def error(self, flow: http.HTTPFlow) -> None:
        """A flow is cut: whatever of it is open ends with the word for it."""
        self._cut(flow.id, cut_by(flow.error.msg if flow.error else ""))

    def client_disconnected(self, client: connection.Client) -> None:
        """Nothing of this connection can go on: the net below `response` and `error`."""
        for flow_id in [i for i, flow in self._flows.items() if flow.conn == client.id]:
            self.counts["swept"] += 1
            self._cut(flow_id, "closed_by_client")
        self.ordinals.pop(client.id, None)

    def websocket_message(self, flow: http.HTTPFlow) -> None:
        """A message of either side. mitmproxy keeps every message of a flow: forget all but the last."""
        self.counts["websocket_messages"] += 1
        if flow.websocket is None:
            return
        message = flow.websocket.messages[-1]
        del flow.websocket.messages[:-1]
        kind: Message = "text" if message.is_text else "binary"
        self._message(flow.id, "request" if message.from_client else "response", kind, message.content)

    def websocket_end(self, flow: http.HTTPFlow) -> None:
        """The dialogue is over, by a close or without one."""
        if (told := flow.websocket) is None:
            return
        client = bool(told.closed_by_client)
        code = told.close_code or 0
        word = ""
        if code == _ABNORMAL:  # no close was sent: RFC 6455 section 7.1.5
            word = "closed_by_client" if client else "closed_by_server"
        else:
            # 1005: a close without a code.
            said = (
                b"" if code in (0, _NO_CODE) else code.to_bytes(2, "big") + (told.close_reason or "").encode()
            )
            self._message(flow.id, "request" if client else "response", "close", said)
        self._end(flow.id, "response", word)
        self._flows.pop(flow.id, None)

    def _tee(self, flow_id: str, side: Side) -> Callable[[bytes], bytes]:
        def tee(data: bytes) -> bytes:
            try:
                self._data(flow_id, side, data)
                if self.beside is not None:
                    self.beside(flow_id, side, data)
            except Exception:  # noqa: BLE001 - mitmproxy would lose the chunk for the client: law 10 before law 9's report
                self.counts["tee_errors"] += 1
            return data

        return tee

    def _data(self, flow_id: str, side: Side, data: bytes) -> None:
        known = self._flows.get(flow_id)
        if known is None or not data:
            return
        for start in range(0, len(data), PIECE):
            piece = data[start : start + PIECE]
            self._piece(known, Data(self._now(), "proxy", flow_id, side, bytes(piece), known.lost[side]))

    def _message(self, flow_id: str, side: Side, kind: Message, content: bytes) -> None:
        known = self._flows.get(flow_id)
        if known is None:
            return
        for start in range(0, len(content) or 1, PIECE):
            piece, more = content[start : start + PIECE], start + PIECE < len(content)
            self._piece(known, Data(self._now(), "proxy", flow_id, side, piece, known.lost[side], kind, more))

    def _piece(self, known: _Flow, fact: Data) -> None:
        # An empty message that found no room is missing as well.
        known.lost[fact.side] = 0 if self._sink(fact) else known.lost[fact.side] + max(1, len(fact.data))

    def _end(
        self, flow_id: str, side: Side, error: str = "", trailers: tuple[tuple[str, str], ...] = ()
    ) -> None:
        known = self._flows.get(flow_id)
        if known is None or side not in known.open:
            return
        known.open.discard(side)
        if known.lost[side] and not error:
            error = "truncated"
        self._sink(End(self._now(), "proxy", flow_id, side, error, trailers))

    def _cut(self, flow_id: str, word: str) -> None:
        self._end(flow_id, "request", word)
        self._end(flow_id, "response", word)
        self._flows.pop(flow_id, None)


def cut_by(message: str) -> str:
    """The End fact's word for one of mitmproxy's error messages."""
    said = message.lower()
    if any(word in said for word in _CLIENT_WORDS):
        return "closed_by_client"
    return "closed_by_server" if any(word in said for word in _SERVER_WORDS) else "truncated"


def _address(end: tuple[str, int] | None) -> Address | None:
    # IPv6 names have four parts.
    return Address(str(end[0]), int(end[1])) if end else None


def _upstream(flow: http.HTTPFlow) -> Address | None:
    """The server's numeric address, or its name while it is not connected."""
    return _address(flow.server_conn.peername) or Address(flow.request.host, flow.request.port)


def _headers(headers: http.Headers | None) -> tuple[tuple[str, str], ...]:
    # Latin-1 keeps every byte (RFC 9110 §5.5), and msgpack takes no lone surrogates.
    return tuple((k.decode("latin-1"), v.decode("latin-1")) for k, v in headers.fields) if headers else ()
