"""The panels of the platform's overview: agents, models, credentials, TLS, identities, the Collector, vaults, gateways. Data only."""

from typing import Final

from dashboards.panel import Dashboard, Panel, Query, Row

_RATE: Final = "[$__rate_interval]"
_P: Final = "histogram_quantile({}, sum by ({}) (rate(<{}:bucket>[$__rate_interval])))"
GREEN, YELLOW, RED = "green", "yellow", "red"
# A share that should be large.
_LARGE: Final = ((0, RED), (0.5, YELLOW), (0.8, GREEN))

# A tier that has only the one has none of the other, which is 0 and not nothing.
_SHARE: Final = "(sum by (tier) (increase(<hexr.cache.{}>[$__range])) or 0 * sum by (tier) (increase(<hexr.cache.{}>[$__range])))"
_HITS, _MISSES = _SHARE.format("hits", "misses"), _SHARE.format("misses", "hits")

_AGENTS: Final = Row(
    "Agents and containers",
    (
        Panel(
            "Targets up", "stat", "short",
            "Prometheus' own `up`: 1 for each scrape target that answered. The jobs are those of deploy/prometheus.",
            (Query('sum by (job) (up{job=~"hexr-.+"})', "{{job}}"),),
            fed_by="Prometheus", steps=((0, RED), (1, GREEN)), width=6,
        ),
        Panel(
            "Invocations open now", "stat", "short",
            "hexr.agent.active: turns, inbound requests and processes of agents that have begun and not ended, seen from outside on each host.",
            (Query("sum by (tenant) (<hexr.agent.active>)", "{{tenant}}"),), width=6, whole=True,
        ),
        Panel(
            "Pods by phase", "stat", "short",
            "kube_pod_status_phase of kube-state-metrics, in the namespaces that are the chosen tenants (a tenant is its Kubernetes namespace unless a rule says "
            "otherwise). Empty outside Kubernetes.",
            (Query('sum by (phase) (kube_pod_status_phase{namespace=~"$tenant"})', "{{phase}}"),), colors=(("Running|Succeeded", GREEN), ("Pending", YELLOW), ("Failed|Unknown", RED)),
            fed_by="kube-state-metrics", width=6,
        ),
        Panel(
            "Container restarts", "bargauge", "short",
            "kube_pod_container_status_restarts_total of kube-state-metrics, over the chosen time. Empty outside Kubernetes.",
            (Query('sum by (namespace, pod) (increase(kube_pod_container_status_restarts_total{namespace=~"$tenant"}[$__range]))', "{{namespace}}/{{pod}}"),),
            fed_by="kube-state-metrics", steps=((0, GREEN), (1, YELLOW), (5, RED)), width=6, whole=True,
        ),
        Panel(
            "Container memory", "timeseries", "bytes",
            "container_memory_working_set_bytes of cAdvisor, as the kubelet serves it at /metrics/cadvisor: what the kernel cannot take back.",
            (Query('sum by (namespace, pod) (container_memory_working_set_bytes{namespace=~"$tenant",container!=""})', "{{namespace}}/{{pod}}"),),
            fed_by="kubelet cAdvisor",
        ),
        Panel(
            "Invocations", "timeseries", "ops",
            "hexr.agent.invocations: invocations that ended, by whether they failed (exit code, inbound call, or a signal).",
            (Query(f"sum by (agent, state) (rate(<hexr.agent.invocations>{_RATE}))", "{{agent}} {{state}}"),), colors=(("failed$|error$", RED),),
        ),
        Panel(
            "Invocation duration", "timeseries", "s",
            "hexr.agent.duration: from the first fact of an invocation to its last. An exemplar is the invocation's own trace.",
            (
                Query(_P.format(0.5, "le", "hexr.agent.duration"), "p50"),
                Query(_P.format(0.95, "le", "hexr.agent.duration"), "p95"),
            ),
        ),
    ),
)  # fmt: skip

_MODELS: Final = Row(
    "Models",
    (
        Panel(
            "Model calls", "timeseries", "ops",
            "hexr.llm.calls and hexr.llm.call_errors: attempts at a model's API as they went over the wire, each retry counted.",
            (
                Query(f"sum by (provider, model) (rate(<hexr.llm.calls>{_RATE}))", "{{provider}} {{model}}"),
                Query(f"sum by (provider) (rate(<hexr.llm.call_errors>{_RATE}))", "{{provider}} failed"),
            ),
            width=12, colors=(("failed$", RED),),
        ),
        Panel(
            "Tokens", "timeseries", "short",
            "hexr.llm.input_tokens and hexr.llm.output_tokens, as the answers state them: tokens a second. An answer that states none counts none.",
            (
                Query(f"sum by (model) (rate(<hexr.llm.input_tokens>{_RATE}))", "{{model}} in"),
                Query(f"sum by (model) (rate(<hexr.llm.output_tokens>{_RATE}))", "{{model}} out"),
            ),
            width=12,
        ),
    ),
)  # fmt: skip

_CREDENTIALS: Final = Row(
    "Credentials and caches",
    (
        Panel(
            "Credential exchanges", "timeseries", "ops",
            "hexr.credential.exchanges: credentials that agents asked for (cloud token services, OAuth 2.0 token endpoints, the SPIFFE Workload API).",
            (Query(f"sum by (provider) (rate(<hexr.credential.exchanges>{_RATE}))", "{{provider}}"),), width=6,
        ),
        Panel(
            "Credential failures", "timeseries", "ops",
            "hexr.credential.failures: exchanges that brought none, by the error that the answer names.",
            (Query(f"sum by (provider, error_type) (rate(<hexr.credential.failures>{_RATE}))", "{{provider}} {{error_type}}"),), width=6,
        ),
        Panel(
            "Cache hit ratio", "gauge", "percentunit",
            "hexr.cache.hits over them and hexr.cache.misses. L1: a credential used again in its process (deduced, and only hits can be seen); L2: Redis or Valkey; "
            "L3: a shared credential service.",
            (
                Query(
                    f"{_HITS} / ({_HITS} + {_MISSES})",
                    "{{tier}}",
                ),
            ),
            steps=_LARGE, least=0, most=1, width=6,
        ),
        Panel(
            "Cache lookup duration", "timeseries", "s",
            "hexr.cache.lookup.duration: from the lookup's command to its answer, on the wire.",
            (Query(_P.format(0.95, "le, tier", "hexr.cache.lookup.duration"), "{{tier}} p95"),), width=6,
        ),
    ),
)  # fmt: skip

_TLS: Final = Row(
    "TLS and connections",
    (
        Panel(
            "TLS handshakes", "timeseries", "ops",
            "hexr.tls.handshakes: handshakes that ended in an agent's TLS library, seen by the kernel's probes. Nothing where a library is not readable.",
            (Query(f"sum by (role, outcome) (rate(<hexr.tls.handshakes>{_RATE}))", "{{role}} {{outcome}}"),), colors=(("failed$|error$", RED),), width=6,
        ),
        Panel(
            "TLS handshake duration", "heatmap", "s",
            "hexr.tls.handshake.duration: from entering the library's handshake to leaving it, network included.",
            (Query(f"sum by (le) (increase(<hexr.tls.handshake.duration:bucket>{_RATE}))", "{{le}}"),), width=6,
        ),
        Panel(
            "Connections open", "timeseries", "short",
            "hexr.connection.active: TCP connections of agents that are open, by role.",
            (Query("sum by (agent, role) (<hexr.connection.active>)", "{{agent}} {{role}}"),), width=6, stacked=True,
        ),
        Panel(
            "Facts lost, libraries not readable", "timeseries", "short",
            "hexr.self.facts.dropped (facts a second that were lost before they could be told, by place) and hexr.self.libraries.refused (TLS libraries that no probe "
            "reads now): what these dashboards do not show.",
            (
                Query(f"sum by (place) (rate(<hexr.self.facts.dropped>{_RATE}))", "lost {{place}}"),
                Query("sum by (library) (<hexr.self.libraries.refused>)", "not readable {{library}}"),
            ),
            steps=((0, GREEN), (1, RED)), width=6,
        ),
    ),
)  # fmt: skip

_IDENTITY: Final = Row(
    "Identities and the Collector",
    (
        Panel(
            "SPIRE entries", "timeseries", "short",
            "The gauge `entry, entries_by_entryid_cache, count` of the SPIRE server (doc/telemetry/telemetry.md of spiffe/spire), as its Prometheus sink joins "
            "the keys: registration entries in its event-based cache.",
            (Query("sum by (instance) (spire_server_entry_entries_by_entryid_cache_count)", "{{instance}}"),),
            fed_by="SPIRE server",
        ),
        Panel(
            "SVID rotations", "timeseries", "ops",
            "hexr.credential.rotations: identity documents that came to an agent unasked, on the stream that brought its first. Beside it the SPIRE server's own count of "
            "signed X.509-SVIDs (`server_ca, sign, x509_svid`), which is of all workloads.",
            (
                Query(f"sum by (agent) (rate(<hexr.credential.rotations>{_RATE}))", "{{agent}}"),
                Query(f"sum(rate(spire_server_server_ca_sign_x509_svid{_RATE}))", "signed by SPIRE"),
            ),
            fed_by="hexr-autoinst, SPIRE server",
        ),
        Panel(
            "Collector throughput", "timeseries", "short",
            "otelcol_receiver_accepted_spans and otelcol_receiver_accepted_metric_points of the OpenTelemetry Collector's internal telemetry (some releases add _total): "
            "spans and metric points a second; refused and failed ones beside them.",
            (
                Query(f'sum(rate({{__name__=~"otelcol_receiver_accepted_spans(_total)?"}}{_RATE}))', "spans"),
                Query(f'sum(rate({{__name__=~"otelcol_receiver_accepted_metric_points(_total)?"}}{_RATE}))', "metric points"),
                Query(f'sum(rate({{__name__=~"otelcol_exporter_send_failed_spans(_total)?"}}{_RATE}))', "spans failed"),
            ),
            colors=(("failed$", RED),),
            fed_by="OpenTelemetry Collector",
        ),
    ),
)  # fmt: skip

_SERVICES: Final = Row(
    "Vault and gateway",
    (
        Panel(
            "Vault operations", "timeseries", "ops",
            "hexr.vault.operations: what agents asked of Vault or OpenBao, by verb and outcome, from the HTTP API on the wire. sys/health is none.",
            (Query(f"sum by (verb, outcome) (rate(<hexr.vault.operations>{_RATE}))", "{{verb}} {{outcome}}"),), colors=(("failed$|error$", RED),),
        ),
        Panel(
            "Vault latency", "timeseries", "s",
            "hexr.vault.duration: as the agent felt it, from its request to the answer's last byte.",
            (Query(_P.format(0.95, "le, verb", "hexr.vault.duration"), "{{verb}} p95"),),
        ),
        Panel(
            "Gateway tools", "timeseries", "ops",
            "hexr.gateway.calls: MCP tools/call by tool, seen at the end that is named: the agent's (client) or the gateway's (server). One call on one host is seen at both.",
            (Query(f"sum by (tool, end, outcome) (rate(<hexr.gateway.calls>{_RATE}))", "{{tool}} {{end}} {{outcome}}"),), colors=(("failed$|error$", RED),),
        ),
    ),
)  # fmt: skip

DASHBOARD: Final = Dashboard(
    "hexr-platform-overview",
    "hexr: platform overview",
    "Health across all agents, seen from outside of them.",
    (_AGENTS, _MODELS, _CREDENTIALS, _TLS, _IDENTITY, _SERVICES),
)
