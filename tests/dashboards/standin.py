"""A stand-in for what other components say of themselves: the names are those of their public documentation, the numbers are made up.

kube-state-metrics (docs/metrics/workload/pod-metrics.md), cAdvisor (docs/storage/prometheus.md), SPIRE (doc/telemetry/telemetry.md), the OpenTelemetry
Collector (internal telemetry). That a panel shows these says that its query is right for those names, not that the components were run.
"""

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def exposition(seconds):
    """What they would say after so many seconds."""
    n = int(seconds)
    return f"""# TYPE kube_pod_status_phase gauge
kube_pod_status_phase{{namespace="acme",pod="orchestrator-0",phase="Running"}} 1
kube_pod_status_phase{{namespace="beta",pod="analyst-0",phase="Running"}} 1
kube_pod_status_phase{{namespace="beta",pod="analyst-1",phase="Pending"}} 1
# TYPE kube_pod_container_status_restarts_total counter
kube_pod_container_status_restarts_total{{namespace="acme",pod="orchestrator-0",container="main"}} 0
kube_pod_container_status_restarts_total{{namespace="beta",pod="analyst-0",container="main"}} {n // 4}
# TYPE container_memory_working_set_bytes gauge
container_memory_working_set_bytes{{namespace="acme",pod="orchestrator-0",container="main"}} {180_000_000 + 900_000 * n}
container_memory_working_set_bytes{{namespace="beta",pod="analyst-0",container="main"}} {90_000_000 + 5_000_000 * (n % 7)}
# TYPE spire_server_entry_entries_by_entryid_cache_count gauge
spire_server_entry_entries_by_entryid_cache_count {40 + n // 6}
# TYPE spire_server_server_ca_sign_x509_svid counter
spire_server_server_ca_sign_x509_svid {3 * n}
# TYPE otelcol_receiver_accepted_spans counter
otelcol_receiver_accepted_spans{{receiver="otlp",transport="http"}} {120 * n}
# TYPE otelcol_receiver_accepted_metric_points counter
otelcol_receiver_accepted_metric_points{{receiver="otlp",transport="http"}} {310 * n}
# TYPE otelcol_exporter_send_failed_spans counter
otelcol_exporter_send_failed_spans{{exporter="otlphttp"}} {n // 3}
"""


class Standin:
    """Serves it on loopback."""

    def __init__(self):
        began = time.monotonic()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                body = exposition(time.monotonic() - began).encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/plain; version=0.0.4")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def shutdown(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
