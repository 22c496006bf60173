"""Where telemetry goes: the embedded store always, OTLP when an endpoint is configured, Prometheus on loopback.

Built once from the Config. Nothing here decides what is said; it only counts what was delivered.
"""

import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from opentelemetry.sdk.metrics.export import InMemoryMetricReader, MetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan

from hexr_autoinst import __version__
from hexr_autoinst.config import Config, Session
from hexr_autoinst.export import otlp, prometheus
from hexr_autoinst.export.meter import Meter
from hexr_autoinst.export.scrape import ScrapeServer
from hexr_autoinst.export.spans import Sink
from hexr_autoinst.export.store import StoreExporter
from hexr_autoinst.export.store_schema import STORE_FILE
from hexr_autoinst.semconv.health import measure_health
from hexr_autoinst.semconv.measurement import Measurement

STORE_DELAY_MS: Final = 250
OTLP_DELAY_MS: Final = 1_000
DEFAULT_METRICS_PORT: Final = Config().metrics_port


class LastError(logging.Handler):
    """Keeps the exporters' newest complaint for `status` and counts them all; prints nothing."""

    def __init__(self) -> None:
        """Listen from WARNING up."""
        super().__init__(logging.WARNING)
        self.count = 0
        self.text = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the first line of the newest."""
        self.count += 1
        self.text = record.getMessage().partition("\n")[0][:300]


class Sinks:
    """Everything that telemetry is handed to."""

    def __init__(
        self, sinks: list[Sink], meter: Meter, scrape: ScrapeServer | None, store: StoreExporter | None
    ) -> None:
        """Use `build`."""
        self._sinks = sinks
        self._meter = meter
        self._scrape = scrape
        self._store = store
        self._told: dict[tuple[str, str], int] = {}
        self._before: dict[str, Any] = {}
        self.errors = LastError()
        logger = logging.getLogger("opentelemetry")
        logger.addHandler(self.errors)
        logger.propagate = False

    def spans(self, spans: Iterable[ReadableSpan]) -> None:
        """Offer each span to every sink."""
        for span in spans:
            for sink in self._sinks:
                sink.offer(span)

    def measure(self, measurements: Iterable[Measurement]) -> None:
        """Record each measurement."""
        for measurement in measurements:
            self._meter.record(measurement)

    def health(self, facts: dict[str, Any]) -> None:
        """Let the page and `status` know how the daemon is, and feed the metrics about ourselves."""
        if self._store:
            self._store.put_health(facts)
        for sink in self._sinks:
            self._measure_sink(sink)
        self.measure(measure_health(self._before, facts))
        self._before = facts

    def status(self) -> dict[str, Any]:
        """Every sink's account, the metrics port and the newest complaint."""
        counts = {
            s.name: {
                "offered": s.count.offered,
                "delivered": s.count.delivered,
                "failed": s.count.failed,
                "dropped": s.count.dropped,
                "queued": s.count.queued,
            }
            for s in self._sinks
        }
        port = self._scrape.port if self._scrape else None
        return {
            "sinks": counts,
            "metrics_port": port,
            "export_errors": self.errors.count,
            "last_error": self.errors.text,
        }

    def shutdown(self) -> None:
        """Flush what can be flushed in a few seconds."""
        for sink in self._sinks:
            sink.shutdown()
        self._meter.shutdown()
        if self._scrape:
            self._scrape.shutdown()

    def _measure_sink(self, sink: Sink) -> None:
        count = sink.count
        for outcome, total in (
            ("delivered", count.delivered),
            ("failed", count.failed),
            ("dropped", count.dropped),
        ):
            before = self._told.get((sink.name, outcome), 0)
            self._told[sink.name, outcome] = total
            if total > before:
                labels = (("sink", sink.name), ("outcome", outcome))
                self._meter.record(Measurement("hexr.self.export.spans", total - before, labels))
        self._meter.record(Measurement("hexr.self.export.queue", count.queued, (("sink", sink.name),)))


def build(config: Config, session: Session) -> Sinks:
    """The sinks of this configuration; AddressInUse when the configured metrics port is taken."""
    store = StoreExporter(Path(config.state_dir) / STORE_FILE, config.store_max_mb, config.store_max_days)
    sinks = [Sink("store", store, STORE_DELAY_MS)]
    scraped = prometheus.reader()
    readers: list[MetricReader] = [scraped]
    if config.otlp_endpoint:
        sinks.append(
            Sink("otlp", otlp.span_exporter(config.otlp_endpoint, config.otlp_protocol), OTLP_DELAY_MS)
        )
        readers.append(otlp.metric_reader(config.otlp_endpoint, config.otlp_protocol))
    meter = Meter(_resource(session), readers, config.label_cap)
    fixed = config.metrics_port != DEFAULT_METRICS_PORT
    scrape = ScrapeServer(config.metrics_port, lambda openmetrics: _page(scraped, openmetrics), fixed=fixed)
    return Sinks(sinks, meter, scrape, store)


def _page(reader: InMemoryMetricReader, openmetrics: bool) -> str:
    return prometheus.render(reader.get_metrics_data(), openmetrics=openmetrics)


def _resource(session: Session) -> Resource:
    return Resource(
        {
            "service.name": "hexr-autoinst",
            "service.version": __version__,
            "host.name": session.host,
            "telemetry.distro.name": "hexr-autoinst",
            "telemetry.distro.version": __version__,
        }
    )
