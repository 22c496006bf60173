"""A model call as attributes: the convention's keys, the observability contract's, and ours. Absent facts stay absent."""

from collections.abc import Iterable

from opentelemetry.util.types import AttributeValue

from hexr_autoinst.model.exchange import Exchange, Phases
from hexr_autoinst.model.operation import Extra, ModelCall, Usage
from hexr_autoinst.model.story import Placed
from hexr_autoinst.semconv import content, names, observed

Attributes = Iterable[tuple[str, AttributeValue]]
_NANO = 1_000_000_000
_MILLI = 1_000_000


def call_attributes(told: Placed, call: ModelCall) -> Attributes:
    """Every attribute of a model span."""
    exchange = told.exchange
    pairs = (
        *_operation(call),
        *_request(call),
        *_response(call, exchange),
        *_usage(call.usage),
        (names.COST, call.cost_usd),
        *_tools(call),
        *_extras(call),
        *observed.upstream(exchange),
        (names.RESEND_COUNT, call.resend_count),
        *_phases(exchange, told.phases),
        *_tls(told.phases),
        (names.INFERRED, call.inferred or None),
        *observed.capture(told),
    )
    found = [pair for pair in pairs if pair[1] is not None and pair[1] != ()]
    found += content.attributes(call.content)
    return found


Pairs = Iterable[tuple[str, AttributeValue | None]]


def _operation(call: ModelCall) -> Pairs:
    return (
        (names.OPERATION_NAME, call.operation),
        (names.PROVIDER_NAME, call.provider),
        (names.SYSTEM, names.system_of(call.provider)),
        (names.CONVERSATION_ID, call.conversation),
        (names.ERROR_TYPE, call.failure.type if call.failure else None),
    )


def _request(call: ModelCall) -> Pairs:
    s = call.sampling
    return (
        (names.REQUEST_MODEL, call.request_model),
        (names.REQUEST_STREAM, call.stream or None),  # the convention: only when streaming
        (names.REQUEST_MAX_TOKENS, s.max_tokens),
        (names.REQUEST_TEMPERATURE, s.temperature),
        (names.REQUEST_TOP_P, s.top_p),
        (names.REQUEST_TOP_K, s.top_k),
        (names.REQUEST_FREQUENCY_PENALTY, s.frequency_penalty),
        (names.REQUEST_PRESENCE_PENALTY, s.presence_penalty),
        (names.REQUEST_STOP_SEQUENCES, s.stop),
        (names.REQUEST_SEED, s.seed),
        (names.REQUEST_CHOICE_COUNT, s.choices if s.choices != 1 else None),  # the convention: if not 1
        (names.OUTPUT_TYPE, s.output_type),
        (names.REASONING_LEVEL, s.reasoning_level),
    )


def _response(call: ModelCall, exchange: Exchange) -> Pairs:
    yield names.RESPONSE_ID, call.response_id
    yield names.RESPONSE_MODEL, call.response_model
    yield names.RESPONSE_FINISH_REASONS, call.finish_reasons
    yield names.FETCHED, call.fetched or None
    if call.stream and call.first_output_at is not None:
        yield names.RESPONSE_TIME_TO_FIRST_CHUNK, max(0, call.first_output_at - exchange.began) / _NANO
        yield names.OUTPUT_CHUNKS, call.output_chunks


def _usage(usage: Usage) -> Pairs:
    yield names.USAGE_INPUT_TOKENS, usage.input
    yield names.USAGE_OUTPUT_TOKENS, usage.output
    yield names.USAGE_CACHE_READ, usage.cache_read
    yield names.USAGE_CACHE_CREATION, usage.cache_write
    yield names.USAGE_REASONING, usage.reasoning
    for modality, side, count in usage.modalities:
        yield names.USAGE_MODALITY.format(modality, side), count


def _tools(call: ModelCall) -> Pairs:
    yield names.TOOL_CALL_NAMES, tuple(t.name for t in call.tool_calls)
    yield names.TOOL_CALL_IDS, tuple(t.id for t in call.tool_calls if t.id)
    yield names.TOOL_RESULT_IDS, call.tool_results
    yield names.TOOL_DEFINITION_NAMES, call.tool_definitions
    yield names.TOOL_DEFINITION_COUNT, call.tool_definition_count or None


def _extras(call: ModelCall) -> Pairs:
    extras = dict(call.extras)
    for name, value in call.extras:  # few of the many that there could be
        if key := names.EXTRAS.get(name):
            yield key, value
    for name, blocked, scanners in (
        ("guard.prompt_blocked", names.GUARD_PROMPT_BLOCKED, names.GUARD_SCANNERS),
        ("guard.output_blocked", names.GUARD_OUTPUT_BLOCKED, names.GUARD_OUTPUT_SCANNERS),
    ):
        if found := scanners_of(extras.get(name)):
            yield blocked, True
            yield scanners, found


def scanners_of(said: Extra | None) -> tuple[str, ...]:
    """Who has blocked: one name, or several."""
    if isinstance(said, tuple):
        return tuple(map(str, said))
    return (str(said),) if said else ()


def guarded(call: ModelCall) -> str:
    """What a guard has done to it, in a few words that name the guard; empty if nothing."""
    extras = dict(call.extras)
    found = (
        f"{what} blocked by {', '.join(scanners_of(by))}"
        for what, by in (
            ("prompt", extras.get("guard.prompt_blocked")),
            ("output", extras.get("guard.output_blocked")),
        )
        if by
    )
    return "; ".join(found)


def _phases(exchange: Exchange, phases: Phases | None) -> Pairs:
    """How the time was spent, where both ends of a phase were seen."""
    request, answer = exchange.request, exchange.response
    found: dict[str, int | None] = {
        "connect": phases.connect_ns if phases else None,
        "tls": phases.tls_ns if phases else None,
        # Of a message on a connection that was open before, the first byte is not known.
        "request": request.ended - request.at if request.ended and not exchange.part else None,
        "wait": answer.at - request.ended if answer and request.ended else None,
        "stream": answer.ended - answer.at if answer and answer.ended else None,
    }
    for phase, spent in found.items():
        if spent is not None and spent >= 0:
            yield names.PHASE.format(phase), spent / _MILLI


def _tls(phases: Phases | None) -> Pairs:
    """The registry parts OpenSSL's "TLSv1.3" in two, and writes names in lower case."""
    if phases and phases.tls_version:
        name, _, version = phases.tls_version.partition("v")
        yield names.TLS_PROTOCOL, name.lower()
        yield names.TLS_VERSION, version
    if phases and phases.alpn:
        yield names.TLS_NEXT_PROTOCOL, phases.alpn.lower()
