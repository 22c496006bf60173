"""What an agent had done beside its calls: tools that a model asked for, code that it ran. Deduced, so that no exchange is named."""

from collections.abc import Iterable, Iterator
from typing import Final

from opentelemetry.sdk.trace import Event
from opentelemetry.util.types import AttributeValue

from hexr_autoinst.model.operation import Moment
from hexr_autoinst.model.story import CodeRun, ToolRun
from hexr_autoinst.semconv import content, names
from hexr_autoinst.semconv import effect_names as words

Attributes = Iterator[tuple[str, AttributeValue]]
_NANO = 1_000_000_000
TOOL_INVOKE: Final = words.SPANS["tool"].format("invoke")
SANDBOX_EXEC: Final = words.SPANS["sandbox"].format("exec")


def tool_attributes(told: ToolRun) -> Attributes:
    """Of a tool that was asked for, and what came of it."""
    call, result = told.call, told.result
    yield words.SERVICE, call.name
    yield names.OPERATION_NAME, names.EXECUTE_TOOL
    yield names.TOOL_NAME, call.name
    if call.id:
        yield names.TOOL_CALL_ID, call.id
    yield words.TOOL_TYPE, names.FUNCTION
    if told.conversation:
        yield names.CONVERSATION_ID, told.conversation
    if result is not None and result.failed:
        yield names.ERROR_TYPE, names.TOOL_ERROR
    for key, text in (
        (names.TOOL_ARGUMENTS, call.arguments),
        (names.TOOL_RESULT, result.content if result else None),
    ):
        if text is not None and (fits := content.bounded(text)) is not None:
            yield key, fits
    yield from _seen(told.sources, () if result else (names.UNANSWERED,))


def code_attributes(told: CodeRun, *, arguments: bool) -> Attributes:
    """Of code that was run, and how it ended."""
    process, exited = told.process, told.exited
    yield words.FACTS["language"][0], told.language
    if exited.code is not None:
        yield words.FACTS["exit.code"][0], exited.code
        yield names.PROCESS_EXIT_CODE, exited.code
    if exited.signal is not None:
        yield names.SANDBOX_SIGNAL, exited.signal
    if failure := _failure(told):
        yield names.ERROR_TYPE, failure
    yield names.SANDBOX_CPU, exited.cpu_ns / _NANO
    yield names.PROCESS_PID, process.key.pid
    if process.exe:
        yield names.PROCESS_COMMAND, process.exe.rpartition("/")[2]
    if arguments and process.args:
        yield names.PROCESS_ARGUMENTS, tuple(process.args)
    yield from _seen((exited.source,), ())


def _failure(told: CodeRun) -> str | None:
    exited = told.exited
    if exited.signal is not None:
        return f"signal_{exited.signal}"
    return f"exit_{exited.code}" if exited.code else None


def why(told: ToolRun | CodeRun) -> str | None:
    """Why it has failed; None where it has not."""
    if isinstance(told, CodeRun):
        return _failure(told)
    return names.TOOL_ERROR if told.result and told.result.failed else None


def events(moments: Iterable[Moment]) -> list[Event]:
    """What was noticed, each with its time."""
    return [
        Event(
            names.FINDING.format(m.name),
            {names.FINDING_FACTS[k]: v for k, v in m.facts if k in names.FINDING_FACTS},
            m.at,
        )
        for m in moments
    ]


def _seen(sources: tuple[str, ...], missing: tuple[str, ...]) -> Attributes:
    yield names.INFERRED, True
    if sources:
        yield names.CAPTURE_SOURCE, sources[0]
        yield names.CAPTURE_SEEN_BY, sources
    yield names.CAPTURE_COMPLETE, not missing
    if missing:
        yield names.CAPTURE_MISSING, missing
