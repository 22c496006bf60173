"""A call of an agent protocol as measurements: who asked whom, which tool, how long, what became of it. Pure."""

from collections.abc import Iterator

from hexr_autoinst.model.operation import AgentCall
from hexr_autoinst.model.story import Placed, StreamChanged, TaskMoved
from hexr_autoinst.semconv import names, talk
from hexr_autoinst.semconv.measurement import NANO, Label, Measurement, trace, who

Labels = tuple[Label, ...]


def measure_talk(told: Placed, call: AgentCall) -> Iterator[Measurement]:
    """Everything that one call moves."""
    seconds = max(0, told.exchange.ended - told.exchange.began) / NANO
    yield from _mcp(told, call, seconds) if call.protocol == "mcp" else _a2a(told, call, seconds)


def _a2a(told: Placed, call: AgentCall, seconds: float) -> Iterator[Measurement]:
    if call.operation != talk.SEND:
        return
    at = trace(told.place)
    if told.serves:
        ours = (*who(told.agent), ("peer", told.other or "unknown"))
        yield Measurement("hexr.a2a.bridge.executions", 1, (*ours, *_peer_tenant(told), *_state(call)), at)
        return
    ours = (*who(told.agent), ("peer", talk.target_agent(told, call) or "unknown"))
    yield Measurement("hexr.a2a.sends", 1, (*ours, *_peer_tenant(told), *_state(call)), at)
    yield Measurement("hexr.a2a.send.duration", seconds, ours, at)
    if call.failure:
        failed = (*ours, *_peer_tenant(told), ("error.type", call.failure.type))
        yield Measurement("hexr.a2a.send_failures", 1, failed, at)


def measure_task(told: TaskMoved) -> Iterator[Measurement]:
    """A change of a task's state; at its end, how long it took."""
    agent, at = who(told.agent), trace(told.place)
    change = (("from", told.was or "none"), ("to", told.now))
    yield Measurement("hexr.a2a.task.transitions", 1, (*agent, *change), at)
    if told.seconds is not None:
        yield Measurement("hexr.a2a.task.duration", told.seconds, (*agent, ("state", told.now)), at)


def measure_stream(told: StreamChanged) -> Iterator[Measurement]:
    """A stream that has begun, or is over."""
    labels = (("protocol", told.speaks), ("end", _end(serves=told.serves)))
    yield Measurement("hexr.sse.active", told.change, (*who(told.agent), *labels))


def _end(*, serves: bool) -> str:
    return "server" if serves else "client"


def _peer_tenant(told: Placed) -> Labels:
    """Whose the other end is, where this host has it."""
    return (("peer_tenant", told.other_tenant),) if told.other_tenant else ()


def _state(call: AgentCall) -> Labels:
    state = dict(call.facts).get("a2a.state")
    return (("state", str(state)),) if state else ()


def _mcp(told: Placed, call: AgentCall, seconds: float) -> Iterator[Measurement]:
    at, end = trace(told.place), _end(serves=told.serves)
    labels = (*who(told.agent), *_mcp_labels(told, call))
    yield Measurement(f"mcp.{end}.operation.duration", seconds, labels, at)
    if call.method == talk.TOOL_CALL:
        outcome = "error" if call.failure else "ok"
        gateway = (("tool", call.target or "unknown"), ("end", end), ("outcome", outcome))
        yield Measurement("hexr.gateway.calls", 1, (*who(told.agent), *gateway), at)
    if call.method == talk.TOOL_CALL and not told.serves and not told.within:
        service = (*who(told.agent), ("service", call.target or "unknown"))
        yield Measurement("hexr.tool.invocations", 1, service, at)
        yield Measurement("hexr.tool.duration", seconds, service, at)


def _mcp_labels(told: Placed, call: AgentCall) -> Iterator[Label]:
    found = dict(talk.talk_attributes(told, call))
    for key in (
        names.MCP_METHOD, names.OPERATION_NAME, names.TOOL_NAME, names.PROMPT_NAME, names.MCP_VERSION,
        names.NETWORK_TRANSPORT, names.NETWORK_PROTOCOL, names.RPC_STATUS, names.ERROR_TYPE,
        names.SERVER_ADDRESS, names.SERVER_PORT,
    ):  # fmt: skip
        value = found.get(key)
        if isinstance(value, str | int):
            yield key, value
