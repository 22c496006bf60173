"""The panels of what agents say to each other: tasks, messages by pair, streams, the task store, errors, tenants. Data only."""

from typing import Final

from dashboards.panel import Dashboard, Panel, Query, Row

_RATE: Final = "[$__rate_interval]"
_P: Final = "histogram_quantile({}, sum by ({}) (rate(<{}:bucket>[$__rate_interval])))"
GREEN, YELLOW, RED, BLUE, ORANGE = "green", "yellow", "red", "blue", "orange"
# A state's color, by the state that a change leads to, or that a series is of.
_STATES: Final = (
    ("completed", GREEN), ("failed$", RED), ("rejected$", ORANGE), ("canceled$", YELLOW), ("working$", BLUE), ("required$", "purple"),
)  # fmt: skip
_SMALL: Final = ((0, GREEN), (0.01, YELLOW), (0.05, RED))
_BAD: Final = 'to=~"failed|rejected|canceled"'
_ENDS: Final = 'to=~"completed|failed|rejected|canceled"'
_STORE: Final = "Every command of an agent to Redis or Valkey counts, whatever it keeps there: keys are never told, so tasks are not told apart from the rest."

_PAIRS: Final = (
    'sum by (tenant, peer_tenant, agent, peer) (increase(<hexr.a2a.sends|peer_tenant!="">[$__range]))'
)

_TASKS: Final = Row(
    "Tasks",
    (
        Panel(
            "Tasks by state reached", "stat", "short",
            "hexr.a2a.task.transitions over the chosen time: how often a task came into each state. A task's states are read from the answers and streams of A2A calls, "
            "and told once where a host has both ends.",
            (Query("sum by (to) (increase(<hexr.a2a.task.transitions>[$__range]))", "{{to}}"),), width=12, whole=True, colors=_STATES,
        ),
        Panel(
            "Tasks that succeed", "gauge", "percentunit",
            "hexr.a2a.task.transitions: completed, of all that came to an end.",
            (
                Query(
                    '(sum(increase(<hexr.a2a.task.transitions|to="completed">[$__range])) or vector(0)) '
                    f"/ sum(increase(<hexr.a2a.task.transitions|{_ENDS}>[$__range]))",
                    "succeeded",
                ),
            ),
            steps=((0, RED), (0.9, YELLOW), (0.99, GREEN)), least=0, most=1, width=6,
        ),
        Panel(
            "Tasks that wait for somebody", "stat", "short",
            "hexr.a2a.task.transitions: into input_required or auth_required less out of them, since the daemon started.",
            (
                Query(
                    'sum by (agent) (<hexr.a2a.task.transitions|to=~"input_required|auth_required">) - (sum by (agent) '
                    '(<hexr.a2a.task.transitions|from=~"input_required|auth_required">) or 0 * sum by (agent) '
                    '(<hexr.a2a.task.transitions|to=~"input_required|auth_required">))',
                    "{{agent}}",
                ),
            ),
            steps=((0, GREEN), (1, YELLOW)), width=6, whole=True,
        ),
        Panel(
            "Changes of state", "timeseries", "ops",
            "hexr.a2a.task.transitions: submitted → working → completed or failed. `none`: the state in which a task was first seen.",
            (Query(f"sum by (from, to) (rate(<hexr.a2a.task.transitions>{_RATE}))", "{{from}} → {{to}}"),), width=12, colors=_STATES,
        ),
        Panel(
            "How tasks end, by agent", "bargauge", "short",
            "hexr.a2a.task.transitions into a last state over the chosen time, by the agent that does the task (or asks for it, where only that end is seen).",
            (Query(f"sum by (agent, to) (increase(<hexr.a2a.task.transitions|{_ENDS}>[$__range]))", "{{agent}} {{to}}"),), width=12, whole=True, colors=_STATES,
        ),
    ),
)  # fmt: skip

_MESSAGES: Final = Row(
    "Messages",
    (
        Panel(
            "Messages sent, by pair", "timeseries", "ops",
            "hexr.a2a.sends: SendMessage and SendStreamingMessage leaving an agent. The peer is named by its card, else by its process, else by where it is served.",
            (Query(f"sum by (agent, peer) (rate(<hexr.a2a.sends>{_RATE}))", "{{agent}} → {{peer}}"),),
        ),
        Panel(
            "Messages executed, by pair", "timeseries", "ops",
            "hexr.a2a.bridge.executions: the same calls arriving at an agent of these hosts. The peer is the caller, where its host is watched too.",
            (Query(f"sum by (peer, agent) (rate(<hexr.a2a.bridge.executions>{_RATE}))", "{{peer}} → {{agent}}"),),
        ),
        Panel(
            "Send latency", "timeseries", "s",
            "hexr.a2a.send.duration: from a message's first byte to its answer's last, its stream included.",
            (Query(_P.format(0.95, "le, agent, peer", "hexr.a2a.send.duration"), "{{agent}} → {{peer}} p95"),),
        ),
    ),
)  # fmt: skip

_DURATION: Final = Row(
    "Duration of tasks",
    (
        Panel(
            "Task duration", "heatmap", "s",
            "hexr.a2a.task.duration: from the first call that named a task to its last state. An exemplar is the call that has said so.",
            (Query(f"sum by (le) (increase(<hexr.a2a.task.duration:bucket>{_RATE}))", "{{le}}"),), width=12,
        ),
        Panel(
            "Task duration by outcome", "timeseries", "s",
            "hexr.a2a.task.duration by the state that a task ended in.",
            (
                Query(_P.format(0.5, "le, state", "hexr.a2a.task.duration"), "{{state}} p50"),
                Query(_P.format(0.95, "le, state", "hexr.a2a.task.duration"), "{{state}} p95"),
            ),
            width=12,
        ),
    ),
)  # fmt: skip

_STREAMS: Final = Row(
    "Streams",
    (
        Panel(
            "SSE streams open", "stat", "short",
            "hexr.sse.active of A2A calls: answers that are server-sent events and have not ended, by the end that is told. A stream between two agents of one host is open at both.",
            (Query('sum by (end) (<hexr.sse.active|protocol="a2a">)', "{{end}}"),),
        ),
        Panel(
            "SSE streams by agent", "timeseries", "short",
            "hexr.sse.active: also of tools (mcp) and of models (model).",
            (Query("sum by (agent, protocol, end) (<hexr.sse.active>)", "{{agent}} {{protocol}} {{end}}"),), width=16,
        ),
    ),
)  # fmt: skip

_STORES: Final = Row(
    "Task store",
    (
        Panel(
            "Store operations", "timeseries", "ops", f"hexr.store.operations, from RESP on the wire. {_STORE}",
            (Query(f"sum by (system, operation) (rate(<hexr.store.operations>{_RATE}))", "{{system}} {{operation}}"),),
        ),
        Panel(
            "Store outcomes", "timeseries", "ops", f"hexr.store.operations by outcome: a lookup is a hit, a miss or an error. {_STORE}",
            (Query(f"sum by (outcome) (rate(<hexr.store.operations>{_RATE}))", "{{outcome}}"),), stacked=True, colors=(("error", RED), ("miss", YELLOW), ("hit", GREEN)),
        ),
        Panel(
            "Store lookup duration", "timeseries", "s",
            "hexr.cache.lookup.duration of tier L2: from a lookup's command to its answer.",
            (
                Query('histogram_quantile(0.5, sum by (le) (rate(<hexr.cache.lookup.duration:bucket|tier="L2">[$__rate_interval])))', "p50"),
                Query('histogram_quantile(0.95, sum by (le) (rate(<hexr.cache.lookup.duration:bucket|tier="L2">[$__rate_interval])))', "p95"),
            ),
        ),
    ),
)  # fmt: skip

_ERRORS: Final = Row(
    "Errors and borders",
    (
        Panel(
            "Errors by change of state", "timeseries", "ops",
            "hexr.a2a.task.transitions into failed, rejected or canceled, by the state before.",
            (Query(f"sum by (from, to) (rate(<hexr.a2a.task.transitions|{_BAD}>{_RATE}))", "{{from}} → {{to}}"),), width=6, colors=_STATES,
        ),
        Panel(
            "Sends that fail", "timeseries", "ops",
            "hexr.a2a.send_failures: calls that failed, by the protocol's error code. A task that fails is no failed call.",
            (Query(f"sum by (agent, peer, error_type) (rate(<hexr.a2a.send_failures>{_RATE}))", "{{agent}} → {{peer}} {{error_type}}"),), width=6,
        ),
        Panel(
            "Share of sends that fail", "gauge", "percentunit",
            "hexr.a2a.send_failures over hexr.a2a.sends, in the chosen time.",
            (
                Query(
                    "(sum(increase(<hexr.a2a.send_failures>[$__range])) or vector(0)) / sum(increase(<hexr.a2a.sends>[$__range]))",
                    "failed",
                ),
            ),
            steps=_SMALL, least=0, most=1, width=6,
        ),
        Panel(
            "Messages across tenants", "table", "short",
            "hexr.a2a.sends over the chosen time whose two agents are of two tenants (namespaces). A peer's tenant is known only where a host has both ends; a tenant is its Kubernetes namespace unless a rule says otherwise.",
            (
                Query(
                    f"{_PAIRS} unless on (tenant, peer_tenant, agent, peer) "
                    'label_replace(sum by (tenant, agent, peer) (increase(<hexr.a2a.sends>[$__range])), "peer_tenant", "$1", "tenant", "(.+)")',
                    "{{tenant}}/{{agent}} → {{peer_tenant}}/{{peer}}",
                ),
            ),
            whole=True, width=6,
        ),
    ),
)  # fmt: skip

DASHBOARD: Final = Dashboard(
    "hexr-a2a-communication",
    "hexr: A2A communication",
    "What agents say to each other over A2A, and what becomes of it.",
    (_TASKS, _MESSAGES, _DURATION, _STREAMS, _STORES, _ERRORS),
)
