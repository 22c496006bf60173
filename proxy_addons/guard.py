"""The optional guard step: what agents ask models, and what those answer, is shown to a guard.

`monitor`: beside the call, which is not held up. `enforce`: a prompt is held until the guard has spoken, and is answered with the
vendor's own error where it objects; answers are only looked at. A guard that is slow, full or gone lets everything pass, and is counted.

Each scan is told as the agent's own exchange with the guard, on a connection named after the call's (`<conn>#prompt`, `<conn>#output`) and
with its ordinal: so `correlate` knows which call it is of.
"""

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from mitmproxy import connection, http

from hexr_autoinst.model.facts import Data, End, Fact, Head, Key, Side
from proxy_addons.guard_client import LONGEST, Answer, Client
from proxy_addons.guard_texts import output, parsed, prompt, refusal
from proxy_addons.tap import HELD, PIECE, Tap

_MOST: Final = 512  # calls that are watched at one time


@dataclass(slots=True)
class _Call:
    """A call that is watched: which on its connection, what was asked, the answer as it comes."""

    conn: str
    ordinal: int
    asked: str = ""
    request: bytearray | None = None
    answer: bytearray | None = None


class Way(NamedTuple):
    """The tap's way out for facts, its clock, and who is behind a connection."""

    sink: Callable[[Fact], bool]
    now: Callable[[], int]
    key_of: Callable[[str], Key | None]


class Guard:
    """An addon, before the tap."""

    def __init__(self, client: Client, tap: Tap, way: Way, *, enforce: bool) -> None:
        """`tap` counts the requests of a connection."""
        self.counts = client.counts
        self._client, self._tap, self._way = client, tap, way
        self._enforce = enforce
        self._calls: dict[str, _Call] = {}
        self._tasks: set[asyncio.Task[Any]] = set()

    def requestheaders(self, flow: http.HTTPFlow) -> None:
        """Whether the request is worth watching, and is to be held."""
        request = flow.request
        if request.method != "POST" or "json" not in request.headers.get("content-type", ""):
            return
        if len(self._calls) >= _MOST or int(request.headers.get("content-length", "0") or 0) > LONGEST:
            self.counts["guard_not_asked"] += 1
            return
        conn = flow.client_conn.id
        call = self._calls[flow.id] = _Call(conn, self._tap.ordinals[conn])
        if self._enforce and "content-length" in request.headers:
            flow.metadata[HELD] = True
        else:
            call.request = bytearray()

    async def request(self, flow: http.HTTPFlow) -> None:
        """The request is whole: ask, and wait for the answer only where it is held."""
        call = self._calls.get(flow.id)
        if call is None:
            return
        held = HELD in flow.metadata
        body = parsed((flow.request.get_content(strict=False) or b"") if held else bytes(call.request or b""))
        call.request, call.asked = None, prompt(body)
        if not call.asked:
            self._calls.pop(flow.id, None)
            return
        call.answer = bytearray()
        asking = self._scan(flow, call, "prompt", {"prompt": call.asked})
        if not held:
            self._spawn(asking)
        elif blocking := (await asking).blocking():
            self.counts["guard_blocked"] += 1
            self._calls.pop(flow.id, None)
            why = f"Blocked by the guard: {', '.join(blocking)}"
            headers, said = refusal(flow.request.path, body, [k.lower() for k in flow.request.headers], why)
            flow.response = http.Response.make(400, json.dumps(said), headers)

    def response(self, flow: http.HTTPFlow) -> None:
        """The answer is whole."""
        call = self._calls.pop(flow.id, None)
        if call is None or not call.answer or flow.response is None:
            return
        said = output(
            flow.response.headers.get("content-type", ""), _decoded(flow.response, bytes(call.answer))
        )
        if said:
            self._spawn(self._scan(flow, call, "output", {"prompt": call.asked, "output": said}))

    def error(self, flow: http.HTTPFlow) -> None:
        """It was cut: nothing is left to look at."""
        self._calls.pop(flow.id, None)

    def client_disconnected(self, client: connection.Client) -> None:
        """The net below: nothing of this connection can go on."""
        self._calls = {i: call for i, call in self._calls.items() if call.conn != client.id}

    def seen(self, flow_id: str, side: Side, data: bytes) -> None:
        """Bytes that the tap lets through."""
        call = self._calls.get(flow_id)
        kept = None if call is None else call.request if side == "request" else call.answer
        if kept is None:
            return
        kept += data
        if len(kept) > LONGEST:
            self.counts["guard_not_asked"] += 1
            del self._calls[flow_id]

    async def _scan(self, flow: http.HTTPFlow, call: _Call, what: str, said: dict[str, str]) -> Answer:
        body, path = json.dumps(said).encode(), f"/analyze/{what}"
        flow_id, conn = f"{flow.id}#{what}", f"{call.conn}#{what}"
        self._tell(self._asked(flow_id, conn, call, path, body))
        answer = await self._client.ask(path, body)
        self._tell(self._answered(flow_id, conn, call, answer))
        return answer

    def _tell(self, facts: Iterator[Fact]) -> None:
        for fact in facts:
            self._way.sink(fact)

    def _asked(self, flow_id: str, conn: str, call: _Call, path: str, body: bytes) -> Iterator[Fact]:
        now, client = self._way.now(), self._client
        yield Head(
            now, "proxy", flow_id, "request", key=self._way.key_of(call.conn), conn=conn, ordinal=call.ordinal,
            method="POST", scheme=client.scheme, authority=client.authority, target=client.base + path,
            version="HTTP/1.1", headers=(("content-type", "application/json"),),
        )  # fmt: skip
        yield from _pieces(now, flow_id, "request", body)
        yield End(now, "proxy", flow_id, "request")

    def _answered(self, flow_id: str, conn: str, call: _Call, answer: Answer) -> Iterator[Fact]:
        now = self._way.now()
        if answer.status:
            yield Head(
                now, "proxy", flow_id, "response", key=self._way.key_of(call.conn), conn=conn,
                status=answer.status, version="HTTP/1.1", headers=answer.headers,
            )  # fmt: skip
            yield from _pieces(now, flow_id, "response", answer.body)
        yield End(now, "proxy", flow_id, "response", "" if answer.status else "closed_by_server")

    def _spawn(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _pieces(at: int, flow_id: str, side: Side, body: bytes) -> Iterator[Fact]:
    for start in range(0, len(body), PIECE):
        yield Data(at, "proxy", flow_id, side, body[start : start + PIECE])


def _decoded(response: http.Response, body: bytes) -> bytes:
    """The answer without its content encoding; as it came where that cannot be undone."""
    copy = http.Response.make(200, b"", {"content-encoding": response.headers.get("content-encoding", "")})
    copy.raw_content = body
    return (copy.get_content(strict=False) or b"")[:LONGEST]
