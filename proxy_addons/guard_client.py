"""Asks a guard in LLM Guard's words over HTTP/1.1: one connection a question, bounded in time, bytes and number. Never raises.

https://protectai.github.io/llm-guard/api/reference/: POST /analyze/prompt {prompt}, /analyze/output {prompt, output} → {is_valid, scanners}.
"""

import asyncio
import json
import ssl
from collections import Counter
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import h11

LONGEST: Final = 1 << 20
_AT_ONCE: Final = 64
_PIECE: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; `status` 0: nothing did."""

    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    def blocking(self) -> tuple[str, ...]:
        """The scanners that object; empty where the guard does not, or has not said so."""
        try:
            said = json.loads(self.body) if self.status == 200 else {}
            if not isinstance(said, dict) or said.get("is_valid") is not False:
                return ()
            scores = said.get("scanners") or {}
            return tuple(sorted(str(k)[:64] for k, v in scores.items() if v > 0)) or ("guard",)
        except (ValueError, TypeError, AttributeError, RecursionError):
            return ()


class Client:
    """The way to one guard. What fails is counted by why, and is no objection."""

    def __init__(self, url: str, timeout_s: float, counts: Counter[str]) -> None:
        """`url`: the guard's base address."""
        place = urlsplit(url)
        self.scheme, self.host, self.base = place.scheme, place.hostname or "", place.path.rstrip("/")
        self.port = place.port or (443 if self.scheme == "https" else 80)
        self.authority = f"{self.host}:{self.port}"
        self._tls = ssl.create_default_context() if self.scheme == "https" else None
        self._timeout_s = timeout_s
        self.counts = counts
        self._open = 0

    async def ask(self, path: str, body: bytes) -> Answer:
        """The guard's answer to one question."""
        if self._open >= _AT_ONCE:
            self.counts["guard_busy"] += 1
            return Answer()
        self._open += 1
        try:
            async with asyncio.timeout(self._timeout_s):
                answer = await self._exchange(path, body)
        except TimeoutError:
            self.counts["guard_timeouts"] += 1
            return Answer()
        except (OSError, h11.ProtocolError, ValueError):
            self.counts["guard_failures"] += 1
            return Answer()
        finally:
            self._open -= 1
        self.counts["guard_answers" if answer.status == 200 else "guard_refusals"] += 1
        return answer

    async def _exchange(self, path: str, body: bytes) -> Answer:
        reader, writer = await asyncio.open_connection(self.host, self.port, ssl=self._tls)
        try:
            wire = h11.Connection(h11.CLIENT)
            headers = [
                ("Host", self.authority),
                ("Content-Type", "application/json"),
                ("Content-Length", str(len(body))),
                ("Connection", "close"),
            ]
            head = wire.send(h11.Request(method="POST", target=self.base + path, headers=headers)) or b""
            writer.write(
                head + (wire.send(h11.Data(data=body)) or b"") + (wire.send(h11.EndOfMessage()) or b"")
            )
            return await _read(wire, reader)
        finally:
            writer.close()


async def _read(wire: h11.Connection, reader: asyncio.StreamReader) -> Answer:
    status, body = 0, bytearray()
    headers: tuple[tuple[str, str], ...] = ()
    while True:
        event: Any = wire.next_event()
        if event is h11.NEED_DATA:
            wire.receive_data(await reader.read(_PIECE))
        elif isinstance(event, h11.Response):
            status = event.status_code
            headers = tuple((k.decode("latin-1"), v.decode("latin-1")) for k, v in event.headers)
        elif isinstance(event, h11.Data):
            body += event.data
            if len(body) > LONGEST:
                raise ValueError("an answer too long")
        elif isinstance(event, h11.EndOfMessage):
            return Answer(status, headers, bytes(body))
        elif isinstance(event, h11.ConnectionClosed):
            raise ConnectionResetError
