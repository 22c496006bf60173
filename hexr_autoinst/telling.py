"""Telling: merged facts through the pipeline to the sinks, turn by turn. Orders facts by time, makes the Ticks, says how it stands.

The edge that holds the clock for the pure rooms. What it reads from is the intake's, who runs it is the teller's.
"""

import json
import os
import secrets
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import StatusCode

from hexr_autoinst import ground
from hexr_autoinst.intake import Intake
from hexr_autoinst.merge import Merge
from hexr_autoinst.model.facts import END_OF_TIME, Fact, Tick
from hexr_autoinst.pipeline import Pipeline
from hexr_autoinst.semconv.columns import columns

QUIET_NS: Final = 250_000_000
BUSY_TICK_NS: Final = 1_000_000_000  # time goes on for the silent while others speak
STATUS_NS: Final = 1_000_000_000
_TURN_NS: Final = 5_000_000  # so long the pipeline works before the ring is read again
_DECODE: Final = 1000  # records a turn
_POLL_S: Final = 0.05  # the ring's wake-ups are batched
_EVENTS_A_SECOND: Final = 100  # lines for a person; the store has them all


class Voice:
    """Event lines for the supervisor, never waited for."""

    def __init__(self, fd: int) -> None:
        """Standard output, a pipe."""
        self.dropped = 0
        self._fd = fd
        self._left = _EVENTS_A_SECOND
        os.set_blocking(fd, False)

    def say(self, **event: Any) -> None:
        """One event; dropped and counted when nobody reads or too many come."""
        self._left -= 1
        try:
            if self._left >= 0:
                os.write(self._fd, json.dumps(event).encode() + b"\n")
                return
        except OSError:
            self._left = 0
        self.dropped += 1

    def renew(self) -> None:
        """A new second."""
        self._left = _EVENTS_A_SECOND


class Teller:
    """The loop. `sinks` is an export.sinks.Sinks or what behaves like it."""

    def __init__(
        self, pipeline: Pipeline, sinks: Any, voice: Voice, now: Callable[[], int], run_dir: Path
    ) -> None:
        """`now` is Unix ns on the boot clock."""
        self.merge = Merge()
        self.stopping = False
        self.pipeline, self.sinks, self.voice = pipeline, sinks, voice
        self.spans = 0
        self._now, self._run_dir = now, run_dir
        self._fed_at = self._ticked_at = now()
        self._said_at = 0
        self._before = (0, 0)
        self._until = 0
        self._veils = False
        self.intake: Intake | None = None

    def run(self, intake: Intake) -> None:
        """Until told to stop; then everything that is open ends."""
        self.intake = intake
        backlog = False
        # Whoever asks in the first second is told too.
        self._say_how(self._now())
        while not self.stopping:
            intake.poll(0.0 if backlog else _POLL_S if intake.has_ring or len(self.merge) else 0.25)
            # Where the merge is full records wait as they are, which is cheaper.
            more = intake.decode(_DECODE if self.merge.has_room else 0)
            backlog = self.turn() or more
        self._finish(intake)

    def turn(self) -> bool:
        """Take what is due for a few milliseconds; whether more is due."""
        now = self._now()
        until, end = self.merge.watermark(now), time.monotonic_ns() + _TURN_NS
        if self.intake is not None:
            until = self._until = max(self._until, self.intake.horizon(until))
        backlog = False
        while (fact := self.merge.pop(until)) is not None:
            self._feed(fact)
            self._fed_at = now
            if time.monotonic_ns() > end:
                backlog = True
                break
        self._tick(now, until)
        if now - self._said_at >= STATUS_NS:
            self._say_how(now)
        return backlog

    def _tick(self, now: int, until: int) -> None:
        quiet = now - max(self._fed_at, self._ticked_at) >= QUIET_NS
        if quiet or now - self._ticked_at >= BUSY_TICK_NS:
            self._ticked_at = now
            # Facts may still come for the time of the window: a Tick must not overtake them.
            self._feed(Tick(until))

    def _feed(self, fact: Fact) -> None:
        if self.intake is not None:
            self.intake.record(fact)
            self._veil(self.intake)
        out = self.pipeline.feed(fact)
        if not out:
            return
        spans = [one for one in out if isinstance(one, ReadableSpan)]
        self.sinks.measure([one for one in out if not isinstance(one, ReadableSpan)])
        self.sinks.spans(spans)
        self.spans += len(spans)
        for span in spans:
            self.voice.say(**told_event(span))

    def _veil(self, intake: Intake) -> None:
        """Begin or end a veiled recording with who wants one."""
        if intake.veils != self._veils:
            self._veils = intake.veils
            hand = partial(intake.record, veiled=True) if self._veils else None
            self.pipeline.veil(hand, secrets.token_bytes(16))

    def _say_how(self, now: int) -> None:
        seconds = (now - self._said_at) / 1e9
        self._said_at = now
        self.voice.renew()
        how = self.how(seconds)
        try:
            ground.write_json(self._run_dir / "teller.json", how)
            others = {
                name: _read(self._run_dir / f"{name}.json") for name in ("supervisor", "camera", "front")
            }
            self.sinks.health({**how, **others})
        except Exception:  # noqa: BLE001 - law 9: a full disk must not end the telling
            self.pipeline.account.swallowed["teller.status"] += 1

    def how(self, seconds: float = 1.0) -> dict[str, Any]:
        """The account, the rates, who is heard, where it goes."""
        account, intake = self.pipeline.account, self.intake
        if intake is not None:
            for place, n in intake.swallowed.items():
                account.swallowed[place] += n
            intake.swallowed.clear()
        facts, spans = self._before
        self._before = (account.delivered, self.spans)
        roles = intake.roles if intake is not None else {}
        return {
            "pid": os.getpid(),
            "account": account.as_dict(),
            "waiting": {
                "facts": len(self.merge),
                "bytes": self.merge.bytes,
                "dropped": self.merge.dropped,
                "ring_peak_bytes": intake.ring_peak if intake is not None else 0,
            },
            "rates": {
                "facts_per_s": round((account.delivered - facts) / seconds, 1),
                "spans_per_s": round((self.spans - spans) / seconds, 1),
            },
            "spans": self.spans,
            "lines_dropped": self.voice.dropped,
            "planes": {"ebpf": bool(intake and intake.has_ring), "proxy": bool(roles.get("tap"))},
            "connected": dict(roles),
            **self.sinks.status(),
        }

    def _finish(self, intake: Intake) -> None:
        intake.poll(0.0)
        intake.drain_ring()
        while intake.decode(_DECODE):
            for fact in self._rest():
                self._feed(fact)
        for fact in self._rest():
            self._feed(fact)
        self._feed(Tick(END_OF_TIME))
        intake.close()
        self.sinks.shutdown()
        how = self.how()
        self.voice.renew()
        self.voice.say(event="ended", account=how["account"])
        try:
            ground.write_json(self._run_dir / "teller.json", how)
        except OSError:
            self.pipeline.account.swallowed["teller.status"] += 1

    def _rest(self) -> Iterator[Fact]:
        return iter(lambda: self.merge.pop(END_OF_TIME), None)


def told_event(span: ReadableSpan) -> dict[str, Any]:
    """What a person wants of a span in one line; no content is ever in it."""
    of = columns(span.attributes or {}, span.resource.attributes)
    start, end = span.start_time or 0, span.end_time or 0
    first = None if of.first_chunk_s is None else of.first_chunk_s * 1e3
    failed = span.status.status_code is StatusCode.ERROR
    return {
        "event": "told",
        "at": end,
        "name": span.name,
        "agent": of.agent,
        "model": of.model or of.tool,
        "in": of.input_tokens,
        "out": of.output_tokens,
        "ms": (end - start) / 1e6,
        "first_ms": first,
        "finish": of.finish,
        "error": (of.error_type or "error") if failed else None,
    }


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8")[: 1 << 20])
    except (OSError, ValueError):
        return None
