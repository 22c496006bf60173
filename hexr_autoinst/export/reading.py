"""What a store answers: the one small interface under the page, `observe` and `traces`. No SQL, no file here.

Two backends are meant: the embedded store on one host, a fleet's ClickHouse later. So rows are
plain values, filters are a value, and nothing else may be asked.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol


class Query(NamedTuple):
    """Which traces or spans. `agent` and `model` are globs (empty: any), `text` a piece of anything on the row.

    Spans are operations alone, unless `invocations` asks for those they were done in too.
    """

    since_ns: int = 0
    agent: str = ""
    model: str = ""
    errors: bool = False
    text: str = ""
    limit: int = 50
    offset: int = 0
    invocations: bool = False


@dataclass(frozen=True, slots=True)
class TraceRow:
    """One trace in a list. `rooted`: its invocation is over and told. `failed`: the invocation itself failed."""

    trace_id: str
    began: int
    ended: int
    agent: str
    tenant: str
    models: str
    name: str
    rooted: bool
    spans: int
    calls: int
    tools: int
    input_tokens: int
    output_tokens: int
    first_chunk_s: float | None
    errors: int
    failed: bool
    error_type: str | None
    incomplete: int


@dataclass(frozen=True, slots=True)
class SpanRow:
    """One span, whole. `seq` grows in the order of telling; `boundary` is set on invocations only.

    `scope` is the instrumentation scope's name, version and schema; `schema` the resource's. `peer` is the agent at the other end,
    `title` what a person calls the call; both are read from the attributes, and only calls between agents and their tools have them.
    """

    seq: int
    trace_id: str
    span_id: str
    parent_id: str | None
    name: str
    kind: str
    agent: str
    tenant: str
    start_ns: int
    end_ns: int
    status: str
    status_text: str
    operation: str | None
    model: str | None
    provider: str | None
    tool: str | None
    input_tokens: int | None
    output_tokens: int | None
    first_chunk_s: float | None
    finish: str | None
    error_type: str | None
    boundary: str | None
    source: str | None
    complete: bool
    attributes: dict[str, Any]
    resource: dict[str, Any]
    links: list[dict[str, Any]]
    events: list[dict[str, Any]]
    scope: list[str]
    schema: str
    peer: str | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True)
class AgentRow:
    """One agent with its totals since `first_ns`."""

    agent: str
    tenant: str
    framework: str
    instance: str
    first_ns: int
    last_ns: int
    calls: int
    tools: int
    errors: int
    input_tokens: int
    output_tokens: int


class Store(Protocol):
    """A store that can be read. Every method may raise a HexrError that says what to do."""

    def traces(self, query: Query) -> list[TraceRow]:
        """Traces, the one that moved last first."""

    def trace(self, trace_id: str, limit: int = 5_000) -> list[SpanRow]:
        """The spans of one trace in the order of their start; empty when there is none."""

    def find(self, prefix: str) -> list[str]:
        """Up to ten ids of traces that begin with `prefix`."""

    def span(self, trace_id: str, span_id: str) -> SpanRow | None:
        """One span."""

    def agents(self, limit: int = 200) -> list[AgentRow]:
        """Agents, the one seen last first."""

    def newest(self) -> int:
        """The `seq` of the newest span, 0 when there is none. Cheap: asked every second."""

    def spans(self, after: int, query: Query) -> list[SpanRow]:
        """Operations (no invocations) told after `seq`, oldest first. `offset` does not apply."""

    def last(self, query: Query) -> list[SpanRow]:
        """The newest `query.limit` operations, oldest of them first."""

    def health(self) -> dict[str, Any]:
        """The daemon's newest word about itself, and `at`: when (ns). Empty when it never spoke."""
