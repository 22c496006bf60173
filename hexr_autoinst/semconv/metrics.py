"""What was told, as measurements: which instrument moves by how much, under which bounded labels.

Labels never hold a path, an id, a prompt or an argument.
"""

from collections.abc import Iterator

from hexr_autoinst.model.exchange import Exchange
from hexr_autoinst.model.operation import Effect, ModelCall, Operation
from hexr_autoinst.model.story import (
    Ambiguous,
    Connection,
    Finding,
    Invocation,
    InvocationOpened,
    Placed,
    StreamChanged,
    TaskMoved,
    Told,
    ToolRun,
)
from hexr_autoinst.semconv.effect_metrics import measure_effect
from hexr_autoinst.semconv.measurement import NANO, Measurement, who
from hexr_autoinst.semconv.measurement import trace as at
from hexr_autoinst.semconv.talk_metrics import measure_stream, measure_talk, measure_task


def measure(told: Told) -> list[Measurement]:
    """Every measurement that one told value gives; none for what only the account counts."""
    return list(_measured(told))


def _measured(told: Told) -> Iterator[Measurement]:
    match told:
        case Placed(operation=call):
            yield from _placed(told, call)
        case Invocation():
            yield from _invocation(told)
        case ToolRun():
            yield from _tool(told)
        case Finding(agent=agent, kind=kind):
            yield Measurement("hexr.agent.findings", 1, (*who(agent), ("kind", kind)))
        case InvocationOpened(agent=agent):
            yield Measurement("hexr.agent.active", told.change, who(agent))
        case Connection():
            yield from _connection(told)
        case Ambiguous(agent=agent):
            yield Measurement("hexr.self.ambiguous", 1, who(agent))
        case TaskMoved():
            yield from measure_task(told)
        case StreamChanged():
            yield from measure_stream(told)
        case _:
            pass


def _placed(told: Placed, call: Operation) -> Iterator[Measurement]:
    if isinstance(call, ModelCall):
        return _model(told, call)
    return measure_effect(told, call) if isinstance(call, Effect) else measure_talk(told, call)


def _model(told: Placed, call: ModelCall) -> Iterator[Measurement]:
    agent, trace = who(told.agent), at(told.place)
    ours = (
        *agent,
        ("provider", call.provider),
        ("model", call.request_model or call.response_model or "unknown"),
        ("operation", call.operation),
    )
    seconds = max(0, told.exchange.ended - told.exchange.began) / NANO
    yield Measurement("hexr.llm.calls", 1, ours, trace)
    yield Measurement("hexr.llm.call.duration", seconds, ours, trace)
    if call.failure:
        yield Measurement("hexr.llm.call_errors", 1, (*ours, ("error.type", call.failure.type)), trace)
    convention = (*agent, *_convention_labels(told.exchange, call))
    failed = (("error.type", call.failure.type),) if call.failure else ()
    yield Measurement("gen_ai.client.operation.duration", seconds, (*convention, *failed), trace)
    if call.cost_usd is not None:
        yield Measurement("hexr.llm.cost", call.cost_usd, ours, trace)
    for name, kind, count in (
        ("hexr.llm.input_tokens", "input", call.usage.input),
        ("hexr.llm.output_tokens", "output", call.usage.output),
    ):
        if count is not None:
            yield Measurement(name, count, ours, trace)
            labels = (*convention, ("gen_ai.token.type", kind))
            yield Measurement("gen_ai.client.token.usage", count, labels, trace)
    yield from _stream_times(told, call, convention)


def _convention_labels(exchange: Exchange, call: ModelCall) -> Iterator[tuple[str, str | int]]:
    yield "gen_ai.operation.name", call.operation
    yield "gen_ai.provider.name", call.provider
    if call.request_model:
        yield "gen_ai.request.model", call.request_model
    if call.response_model:
        yield "gen_ai.response.model", call.response_model
    if exchange.request.host:
        yield "server.address", exchange.request.host
        if exchange.request.port:
            yield "server.port", exchange.request.port


def _stream_times(
    told: Placed, call: ModelCall, labels: tuple[tuple[str, str | int], ...]
) -> Iterator[Measurement]:
    if not call.stream or call.first_output_at is None:
        return
    first = max(0, call.first_output_at - told.exchange.began) / NANO
    trace = at(told.place)
    yield Measurement("gen_ai.client.operation.time_to_first_chunk", first, labels, trace)
    if call.output_chunks > 1 and call.last_output_at is not None:
        mean = max(0, call.last_output_at - call.first_output_at) / (call.output_chunks - 1) / NANO
        yield Measurement("gen_ai.client.operation.time_per_output_chunk", mean, labels, trace)


def _invocation(told: Invocation) -> Iterator[Measurement]:
    agent, trace = who(told.agent), at(told.place)
    state = (*agent, ("state", "failed" if told.failed else "ok"))
    yield Measurement("hexr.agent.active", -1, agent)
    yield Measurement("hexr.agent.invocations", 1, state, trace)
    yield Measurement("hexr.agent.duration", max(0, told.ended - told.began) / NANO, state, trace)


def _tool(told: ToolRun) -> Iterator[Measurement]:
    """How long a tool took is known where its result came; a call that carries it out is counted here, and only here."""
    labels, trace = (*who(told.agent), ("service", told.call.name)), at(told.place)
    yield Measurement("hexr.tool.invocations", 1, labels, trace)
    if told.result is not None:
        yield Measurement("hexr.tool.duration", max(0, told.ended - told.began) / NANO, labels, trace)


def _connection(told: Connection) -> Iterator[Measurement]:
    labels = (*who(told.agent), ("role", told.role))
    match told.what:
        case "handshake":
            labels = (*labels, ("library", told.library), ("outcome", told.outcome))
            yield Measurement("hexr.tls.handshakes", 1, labels)
            if told.seconds is not None:
                yield Measurement("hexr.tls.handshake.duration", told.seconds, labels)
        case "failed":
            yield Measurement("hexr.connection.failed", 1, labels)
        case "opened":
            yield Measurement("hexr.connection.opened", 1, labels)
            yield Measurement("hexr.connection.active", 1, labels)
            if told.connect_seconds is not None:
                yield Measurement("hexr.connection.connect.duration", told.connect_seconds, labels)
        case "closed":
            yield from _closed(told, labels)


def _closed(told: Connection, labels: tuple[tuple[str, str | int], ...]) -> Iterator[Measurement]:
    yield Measurement("hexr.connection.active", -1, labels)
    if told.seconds is not None:
        yield Measurement("hexr.connection.duration", told.seconds, labels)
    if told.rtt_seconds is not None:
        yield Measurement("hexr.connection.rtt", told.rtt_seconds, labels)
    for direction, count in (("sent", told.bytes_sent), ("received", told.bytes_received)):
        if count:
            yield Measurement("hexr.connection.io", count, (*labels, ("direction", direction)))
    if told.retransmits:
        yield Measurement("hexr.connection.retransmits", told.retransmits, labels)
