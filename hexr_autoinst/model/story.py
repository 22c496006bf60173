"""The story: operations with a teller's answer to who, when, and under what. What semconv puts into words."""

from dataclasses import dataclass
from typing import Final, Literal, TypeGuard

from hexr_autoinst.model.exchange import Exchange, Phases
from hexr_autoinst.model.facts import Exited, Key, Process
from hexr_autoinst.model.operation import AgentCall, Effect, Moment, Operation, ToolCall, ToolResult

Boundary = Literal["request", "process", "turn"]
Kind = Literal["loop", "retry_storm", "cache_miss", "context_full"]
FINDINGS: Final[tuple[Kind, ...]] = ("loop", "retry_storm", "cache_miss", "context_full")


@dataclass(frozen=True, slots=True)
class Agent:
    """Whose doing it is: the resource of a span. Empty strings are facts nobody knows."""

    name: str
    tenant: str = "default"
    framework: str = ""
    instance: str = ""
    key: Key | None = None
    exe: str = ""
    runtime: str = ""
    host: str = ""
    container: str = ""
    pod: str = ""
    namespace: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a span stands in its trace. Ids are lower-case hex: 32 digits a trace, 16 a span."""

    trace_id: str
    span_id: str
    parent_id: str | None = None
    links: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Placed:
    """One operation, told: it becomes exactly one span, unless it is only counted. `seen_by` lists every plane that saw it.

    `join`: what the other end of the call, on whatever host, computes as well. `other`: the agent at that end, where this host has it;
    `other_tenant`: whose that is, told even where nobody knows its name.
    `within`: it is what a tool does that a model has asked for, and is counted there. `moments`: what was noticed of it.
    """

    agent: Agent
    place: Place
    exchange: Exchange
    operation: Operation
    phases: Phases | None = None
    seen_by: tuple[str, ...] = ()
    join: str = ""
    other: str = ""
    other_tenant: str = ""
    within: bool = False
    moments: tuple[Moment, ...] = ()

    @property
    def serves(self) -> bool:
        """Whether it is told from the end that was called."""
        call, role = self.operation, self.exchange.role
        return call.serves(role) if isinstance(call, AgentCall) else role == "server"


@dataclass(frozen=True, slots=True)
class Invocation:
    """One agent invocation, told when it is over. Times are ns since the epoch; totals are of its model calls.

    `exit_code` and `signal` are set only where `boundary` is "process". `sources` and `missing` are
    the union over its operations. `conversation` is a real id of the wire, never made up.
    """

    agent: Agent
    place: Place
    boundary: Boundary
    began: int
    ended: int
    failed: bool = False
    exit_code: int | None = None
    signal: int | None = None
    model_calls: int = 0
    tool_calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float | None = None
    conversation: str | None = None
    moments: tuple[Moment, ...] = ()
    sources: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ToolRun:
    """A tool that a model asked for: from the end of the answer that asked for it to the request that brought its result. Deduced, no exchange of its own.

    `result` is None where none came: then it ends with its invocation. `sources`: the planes that saw the answer.
    """

    agent: Agent
    place: Place
    call: ToolCall
    result: ToolResult | None
    began: int
    ended: int
    conversation: str | None = None
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CodeRun:
    """A process that an agent started to run code, from exec to exit. `language`: of the code, as its interpreter says."""

    agent: Agent
    place: Place
    process: Process
    exited: Exited
    language: str
    began: int


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about the health of an agent's work was noticed: counted here, told as an event where it shows."""

    at: int
    agent: Agent
    kind: Kind


@dataclass(frozen=True, slots=True)
class InvocationOpened:
    """An invocation began: moves the up-down counter of active invocations.

    `change` is -1 where it is taken back: what opened it turned out to mean nothing, and no Invocation follows.
    """

    at: int
    agent: Agent
    place: Place
    change: int = 1


@dataclass(frozen=True, slots=True)
class Connection:
    """A change in the life of an agent's connection; feeds the connection and TLS metrics, never a span.

    `facts` is how many facts this value spends in the account.
    """

    at: int
    agent: Agent
    what: Literal["opened", "failed", "closed", "handshake"]
    role: str
    library: str = ""
    outcome: str = ""
    seconds: float | None = None
    connect_seconds: float | None = None
    bytes_sent: int = 0
    bytes_received: int = 0
    retransmits: int = 0
    rtt_seconds: float | None = None
    facts: int = 1


@dataclass(frozen=True, slots=True)
class Uncounted:
    """`n` facts that make no telemetry, and why: they are `ignored` in the account."""

    reason: str
    n: int


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Two parents were open: the span links to each, and this counts it."""

    at: int
    agent: Agent


@dataclass(frozen=True, slots=True)
class TaskMoved:
    """A task of an agent protocol is in another state. `was`: the one before, "" at first sight.

    `seconds`: from first sight to here, where this is its end. `place`: the span that has said so.
    """

    at: int
    agent: Agent
    place: Place
    was: str
    now: str
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class StreamChanged:
    """A streamed answer has begun (`change` 1) or is over (-1). `speaks`: what its call is of, `serves`: told from the end that streams."""

    at: int
    agent: Agent
    change: int
    speaks: str
    serves: bool


Told = (
    Placed
    | Invocation
    | ToolRun
    | CodeRun
    | Finding
    | InvocationOpened
    | Connection
    | Uncounted
    | Ambiguous
    | TaskMoved
    | StreamChanged
)


def is_span(told: Told) -> TypeGuard[Placed | Invocation | ToolRun | CodeRun]:
    """Whether this value becomes a span: an operation that is not only counted, or what was made of several."""
    if isinstance(told, Placed):
        return not (isinstance(told.operation, Effect) and told.operation.counted)
    return isinstance(told, Invocation | ToolRun | CodeRun)


def spent(told: Told) -> int:
    """How many facts this value spends in the account; what is made of others' spends none."""
    match told:
        case Placed():
            return told.exchange.facts
        case Connection():
            return told.facts
        case Uncounted():
            return told.n
        case _:
            return 0
