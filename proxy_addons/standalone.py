"""The tap with the pipeline behind it, for a stock mitmdump: `mitmdump -q -s proxy_addons/standalone.py`. No daemon, no root.

Spans go to `--set hexr_output=FILE` (default `-`, standard output) as OTLP/JSON lines, and to
OTEL_EXPORTER_OTLP_ENDPOINT where that is set. Needs this package's own dependencies
beside mitmproxy's. Who calls is not known here: that takes the daemon.
"""

import queue
import secrets
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, Final

from mitmproxy import connection, ctx, http

# mitmdump puts this file's own folder on the path, not the project's.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from hexr_autoinst.config import Config, Session
from hexr_autoinst.config import load as load_config  # a plain `load` would be a hook of this script
from hexr_autoinst.model.facts import END_OF_TIME, Fact, Lost, Tick
from hexr_autoinst.pipeline import Pipeline, settings
from proxy_addons.tap import Tap

PLACE: Final = "tap_queue"
ROOM: Final = 1 << 16
_TICK_S: Final = 0.25
_GOODBYE_S: Final = 10.0


class Telling(threading.Thread):
    """The pipeline in a thread of its own, so that no flow waits for it. `offer` is all that a hook may call."""

    def __init__(self, config: Config, session: Session, out: IO[str] | None) -> None:
        """Ready to start."""
        super().__init__(name="hexr-telling", daemon=True)
        self.pipeline = Pipeline(settings(config, session))
        self.told = 0
        self._offset = session.clock_offset
        self._queue: queue.Queue[Fact | None] = queue.Queue(ROOM)
        self._lost = 0
        self._sinks = _sinks(config, out)

    def now(self) -> int:
        """The fact clock."""
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME) + self._offset

    def offer(self, fact: Fact) -> bool:
        """Queue a fact; False when there was no room: then it is lost and counted."""
        try:
            self._queue.put_nowait(fact)
        except queue.Full:
            self._lost += 1
            return False
        return True

    def run(self) -> None:
        """Feed what comes, and time where nothing comes, until told to end."""
        while True:
            try:
                fact = self._queue.get(timeout=_TICK_S)
            except queue.Empty:
                fact = Tick(self.now(), "proxy")
            if fact is None:
                break
            self._feed(fact)
            if self._lost:
                lost, self._lost = self._lost, 0
                self._feed(Lost(self.now(), "proxy", PLACE, lost))
        self._feed(Tick(END_OF_TIME, "proxy"))
        for sink in self._sinks:
            sink.shutdown()

    def end(self) -> None:
        """Tell what is open and flush, within bounds."""
        self._queue.put(None, timeout=_GOODBYE_S)
        self.join(_GOODBYE_S)

    def _feed(self, fact: Fact) -> None:
        from opentelemetry.sdk.trace import ReadableSpan

        for told in self.pipeline.feed(fact):
            if isinstance(told, ReadableSpan):
                self.told += 1
                for sink in self._sinks:
                    sink.on_end(told)


def _sinks(config: Config, out: IO[str] | None) -> list[Any]:
    from opentelemetry.exporter.otlp.json.file import FileSpanExporter
    from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor

    from hexr_autoinst.export.otlp import span_exporter

    sinks: list[Any] = [SimpleSpanProcessor(FileSpanExporter(stream=out))] if out else []
    if config.otlp_endpoint:
        sinks.append(BatchSpanProcessor(span_exporter(config.otlp_endpoint, config.otlp_protocol)))
    return sinks


class Standalone:
    """The addon that mitmdump loads: options, and the tap made once they are known."""

    def __init__(self) -> None:
        """Nothing runs yet."""
        self._telling: Telling | None = None
        self._tap: Tap | None = None
        self._out: IO[str] | None = None

    def load(self, loader: Any) -> None:
        """Options of our own."""
        loader.add_option("hexr_output", str, "-", "File for spans as OTLP/JSON lines; - is standard output.")
        loader.add_option("hexr_content", bool, False, "Keep prompts and completions.")
        loader.add_option("hexr_span_names", str, "hexr", "Span names: hexr or semconv.")

    def running(self) -> None:
        """Options are final: start to tell."""
        opts = ctx.options
        config = load_config({"content": opts.hexr_content or None, "span_names": opts.hexr_span_names})
        self._out = (
            sys.stdout if opts.hexr_output == "-" else Path(opts.hexr_output).open("a", encoding="utf-8")  # noqa: SIM115 - `done` closes it
        )
        self._telling = Telling(config, session(), self._out)
        self._telling.start()
        self._tap = Tap(self._telling.offer, self._telling.now)

    def done(self) -> None:
        """The proxy ends."""
        if self._telling:
            self._telling.end()
        if self._out and self._out is not sys.stdout:
            self._out.close()

    def _to_tap(self, hook: Callable[[Tap], None]) -> None:
        if self._tap:
            hook(self._tap)

    def requestheaders(self, flow: http.HTTPFlow) -> None:
        """As Tap's."""
        self._to_tap(lambda tap: tap.requestheaders(flow))

    def request(self, flow: http.HTTPFlow) -> None:
        """As Tap's."""
        self._to_tap(lambda tap: tap.request(flow))

    def responseheaders(self, flow: http.HTTPFlow) -> None:
        """As Tap's."""
        self._to_tap(lambda tap: tap.responseheaders(flow))

    def response(self, flow: http.HTTPFlow) -> None:
        """As Tap's."""
        self._to_tap(lambda tap: tap.response(flow))

    def error(self, flow: http.HTTPFlow) -> None:
        """As Tap's."""
        self._to_tap(lambda tap: tap.error(flow))

    def client_disconnected(self, client: connection.Client) -> None:
        """As Tap's."""
        self._to_tap(lambda tap: tap.client_disconnected(client))

    def websocket_message(self, flow: http.HTTPFlow) -> None:
        """As Tap's."""
        self._to_tap(lambda tap: tap.websocket_message(flow))

    def websocket_end(self, flow: http.HTTPFlow) -> None:
        """As Tap's."""
        self._to_tap(lambda tap: tap.websocket_end(flow))


def session() -> Session:
    """A run's fixed facts, made for this run alone."""
    offset = time.time_ns() - time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    return Session(offset, secrets.token_hex(16), secrets.token_hex(32), socket.gethostname())


addons = [Standalone()]
