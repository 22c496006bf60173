"""Every metric this program emits: name, kind, unit, description, buckets. Data only.

Names of the first two groups are those of the published contract and of the GenAI semantic
conventions 1.41.1 (buckets included); the rest are ours. A metric that is not in this table
cannot be recorded.
"""

from dataclasses import dataclass
from typing import Final, Literal

InstrumentKind = Literal["counter", "updown", "histogram", "gauge"]

# Convention 1.41.1: seconds, and tokens.
_SECONDS: Final = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)
_TOKENS: Final = (1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864)
# The convention's invoke_agent buckets: an invocation lasts longer than a call.
_INVOCATION: Final = (0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 51.2, 102.4, 204.8, 409.6)
# A loopback handshake takes half a millisecond, a far one some hundred.
_NETWORK: Final = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Instrument:
    """One metric. `labels` are the attribute keys its points may carry, agent and tenant aside."""

    name: str
    kind: InstrumentKind
    unit: str
    description: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


# The convention's of MCP: a call takes from milliseconds to minutes.
_MCP_SECONDS: Final = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0)

_LLM: Final = ("provider", "model", "operation")
_GEN_AI: Final = (
    "gen_ai.operation.name",
    "gen_ai.provider.name",
    "gen_ai.request.model",
    "gen_ai.response.model",
    "server.address",
    "server.port",
)

_AGENT: Final = (
    Instrument(
        "hexr.agent.invocations", "counter", "{invocation}", "Agent invocations that ended.", ("state",)
    ),
    Instrument("hexr.agent.active", "updown", "{invocation}", "Agent invocations open now."),
    Instrument(
        "hexr.agent.duration", "histogram", "s", "Duration of an agent invocation.", ("state",), _INVOCATION
    ),
    Instrument(
        "hexr.agent.findings",
        "counter",
        "{finding}",
        "What was noticed about the health of an agent's work, by kind.",
        ("kind",),
    ),
)

_MODEL: Final = (
    Instrument("hexr.llm.calls", "counter", "{call}", "Calls of a model API, failed ones included.", _LLM),
    Instrument(
        "hexr.llm.call_errors",
        "counter",
        "{call}",
        "Calls of a model API that failed.",
        (*_LLM, "error.type"),
    ),
    Instrument("hexr.llm.input_tokens", "counter", "{token}", "Input tokens that model APIs reported.", _LLM),
    Instrument(
        "hexr.llm.output_tokens", "counter", "{token}", "Output tokens that model APIs reported.", _LLM
    ),
    Instrument(
        "hexr.llm.call.duration", "histogram", "s", "Duration of a call of a model API.", _LLM, _SECONDS
    ),
    Instrument(
        "hexr.llm.cost",
        "counter",
        "{USD}",
        "What calls of a model API cost by the vendor's price list, where it is known.",
        _LLM,
    ),
)

_CONVENTION: Final = (
    Instrument(
        "gen_ai.client.operation.duration", "histogram", "s", "GenAI operation duration.",
        (*_GEN_AI, "error.type"), _SECONDS,
    ),
    Instrument(
        "gen_ai.client.token.usage", "histogram", "{token}", "Number of input and output tokens used.",
        (*_GEN_AI, "gen_ai.token.type"), _TOKENS,
    ),
    Instrument(
        "gen_ai.client.operation.time_to_first_chunk", "histogram", "s",
        "Time from the request to the first streamed chunk of output.", _GEN_AI, _SECONDS,
    ),
    Instrument(
        "gen_ai.client.operation.time_per_output_chunk", "histogram", "s",
        "Mean time between streamed chunks of output after the first.", _GEN_AI, _SECONDS,
    ),
)  # fmt: skip

_MCP: Final = (
    "mcp.method.name", "gen_ai.operation.name", "gen_ai.tool.name", "gen_ai.prompt.name", "mcp.protocol.version",
    "network.transport", "network.protocol.name", "rpc.response.status_code", "error.type", "server.address", "server.port",
)  # fmt: skip

_TALK: Final = (
    Instrument("hexr.a2a.sends", "counter", "{send}", "Messages sent to other agents, by peer and the last state of the task that was told.", ("peer", "peer_tenant", "state")),
    Instrument("hexr.a2a.send_failures", "counter", "{send}", "Messages to other agents whose call failed.", ("peer", "peer_tenant", "error.type")),
    Instrument("hexr.a2a.send.duration", "histogram", "s", "Duration of sending a message to another agent, its stream included.", ("peer",), _INVOCATION),
    Instrument("hexr.a2a.bridge.executions", "counter", "{execution}", "Messages of other agents that were executed, by peer and the last state of the task that was told.", ("peer", "peer_tenant", "state")),
    Instrument("hexr.a2a.task.transitions", "counter", "{transition}", "Changes of a task's state, by the one before (`none`: first seen) and the new one; told once where this host has both ends.", ("from", "to")),
    Instrument("hexr.a2a.task.duration", "histogram", "s", "Time from the first sight of a task to its last state.", ("state",), _INVOCATION),
    Instrument("hexr.sse.active", "updown", "{stream}", "Answers open now that are server-sent events, by what was called (`a2a`, `mcp`, `model`) and the end that is told.", ("protocol", "end")),
    Instrument("hexr.gateway.calls", "counter", "{call}", "Tools called over MCP, by tool, end and outcome.", ("tool", "end", "outcome")),
    Instrument("hexr.tool.invocations", "counter", "{call}", "Tools that models asked for and tools called; what is both is counted once.", ("service",)),
    Instrument("hexr.tool.duration", "histogram", "s", "Duration of a tool's call.", ("service",), _SECONDS),
    Instrument("mcp.client.operation.duration", "histogram", "s", "Duration of an MCP request as its sender sees it.", _MCP, _MCP_SECONDS),
    Instrument("mcp.server.operation.duration", "histogram", "s", "Duration of an MCP request as its receiver sees it.", _MCP, _MCP_SECONDS),
)  # fmt: skip

_EFFECT: Final = (
    Instrument("hexr.cache.hits", "counter", "{lookup}", "Cache lookups that found everything they asked for.", ("tier",)),
    Instrument("hexr.cache.misses", "counter", "{lookup}", "Cache lookups that did not.", ("tier",)),
    Instrument("hexr.cache.lookup.duration", "histogram", "s", "Duration of a cache lookup.", ("tier",), _NETWORK),
    Instrument("hexr.credential.exchanges", "counter", "{exchange}", "Credentials asked for, failures included.", ("provider",)),
    Instrument("hexr.credential.failures", "counter", "{exchange}", "Credentials that were asked for and not given.", ("provider", "error.type")),
    Instrument("hexr.credential.rotations", "counter", "{credential}", "Credentials that came unasked and replace one: an SVID renewed on the stream that brought the first.", ("provider",)),
    Instrument("hexr.vault.operations", "counter", "{operation}", "Operations of a vault, by verb and outcome.", ("verb", "outcome")),
    Instrument("hexr.vault.duration", "histogram", "s", "Duration of an operation of a vault.", ("verb", "outcome"), _NETWORK),
    Instrument("hexr.store.operations", "counter", "{operation}", "Commands to a key-value store, by system, operation and outcome (`hit`, `miss`, `ok`, `error`).", ("system", "operation", "outcome")),
    Instrument("hexr_guard_scans_total", "counter", "{scan}", "Texts scanned by a guard, by direction and scanner.", ("direction", "scanner")),
    Instrument("hexr_guard_blocks_total", "counter", "{scan}", "Texts that a guard has found invalid.", ("direction", "scanner")),
    Instrument("hexr_guard_scan_duration_seconds", "histogram", "s", "Duration of a guard's scan.", ("direction",), _SECONDS),
)  # fmt: skip

_CONNECTION: Final = (
    Instrument(
        "hexr.tls.handshakes",
        "counter",
        "{handshake}",
        "TLS handshakes that ended.",
        ("library", "role", "outcome"),
    ),
    Instrument(
        "hexr.tls.handshake.duration",
        "histogram",
        "s",
        "Duration of a TLS handshake.",
        ("library", "role", "outcome"),
        _NETWORK,
    ),
    Instrument("hexr.connection.opened", "counter", "{connection}", "TCP connections opened.", ("role",)),
    Instrument("hexr.connection.active", "updown", "{connection}", "TCP connections open now.", ("role",)),
    Instrument(
        "hexr.connection.failed",
        "counter",
        "{connection}",
        "TCP connections that could not be opened.",
        ("role",),
    ),
    Instrument(
        "hexr.connection.connect.duration",
        "histogram",
        "s",
        "Time from SYN to established.",
        ("role",),
        _NETWORK,
    ),
    Instrument(
        "hexr.connection.duration", "histogram", "s", "Life of a TCP connection.", ("role",), _INVOCATION
    ),
    Instrument(
        "hexr.connection.io", "counter", "By", "Bytes that TCP carried, by direction.", ("direction", "role")
    ),
    Instrument("hexr.connection.retransmits", "counter", "{segment}", "TCP segments sent again.", ("role",)),
    Instrument(
        "hexr.connection.rtt",
        "histogram",
        "s",
        "Smoothed round-trip time when the connection closed.",
        ("role",),
        _NETWORK,
    ),
)

_SELF: Final = (
    Instrument("hexr.self.facts.issued", "counter", "{fact}", "Facts that the planes issued."),
    Instrument("hexr.self.facts.told", "counter", "{fact}", "Facts that became telemetry."),
    Instrument("hexr.self.facts.ignored", "counter", "{fact}", "Facts that are no telemetry, by reason.", ("reason",)),
    Instrument("hexr.self.facts.dropped", "counter", "{fact}", "Facts lost before they could be told, by place.", ("place",)),
    Instrument("hexr.self.facts.open", "gauge", "{fact}", "Facts of exchanges that are still open."),
    Instrument("hexr.self.bytes", "counter", "By", "Bytes of traffic that were read."),
    Instrument("hexr.self.swallowed", "counter", "{error}", "Errors that were survived, by place.", ("place",)),
    Instrument("hexr.self.ambiguous", "counter", "{span}", "Spans with more than one possible parent: linked, not guessed."),
    Instrument("hexr.self.export.spans", "counter", "{span}", "Spans by sink and what became of them.", ("sink", "outcome")),
    Instrument("hexr.self.export.queue", "gauge", "{span}", "Spans that wait for a sink.", ("sink",)),
    Instrument("hexr.self.export.errors", "counter", "{error}", "Complaints of the exporters, of spans and of metrics."),
    Instrument("hexr.self.facts.waiting", "gauge", "{fact}", "Facts that wait for their turn in the order of time."),
    Instrument("hexr.self.process.restarts", "counter", "{restart}", "Child processes that ended and were started again, by name.", ("process",)),
    Instrument("hexr.self.program.runs", "counter", "{run}", "Runs of our kernel programs; only with `bpf_stats`.", ("program",)),
    Instrument("hexr.self.program.time", "counter", "s", "Time that our kernel programs ran; only with `bpf_stats`.", ("program",)),
    Instrument("hexr.self.proxy.connections", "counter", "{connection}", "Connections to the proxy by what became of them.", ("outcome",)),
    Instrument("hexr.self.proxy.messages", "counter", "{message}", "HTTP/1 heads whose time in the proxy was measured, by side.", ("side",)),
    Instrument(
        "hexr.self.proxy.added_time", "counter", "s",
        "Time from reading the bytes that complete a head to writing its first byte onward, by side; over messages: the latency added.",
        ("side",),
    ),
    Instrument("hexr.self.probes", "gauge", "{probe}", "Probes attached, by library.", ("library",)),
    Instrument("hexr.self.libraries.refused", "gauge", "{library}", "TLS libraries that cannot be read, by library.", ("library",)),
)  # fmt: skip

INSTRUMENTS: Final[dict[str, Instrument]] = {
    i.name: i for i in (*_AGENT, *_MODEL, *_CONVENTION, *_TALK, *_EFFECT, *_CONNECTION, *_SELF)
}
