"""What text may leave, and how much of it: the messages of a call as attributes, cut to a bound that keeps them JSON."""

import json
from collections.abc import Iterator
from typing import Any, Final

from hexr_autoinst.model.operation import Content, Failure
from hexr_autoinst.semconv import names

LIMIT: Final = 64 << 10  # characters of one attribute; collectors and stores refuse spans of a few megabytes
DESCRIPTION: Final = 256
_SHORTEST: Final = 32


def attributes(content: Content | None, limit: int = LIMIT) -> Iterator[tuple[str, str]]:
    """The opt-in attributes. None: content is off, and nothing leaves."""
    if content is None:
        return
    for key, value in (
        (names.INPUT_MESSAGES, content.input_messages),
        (names.OUTPUT_MESSAGES, content.output_messages),
        (names.SYSTEM_INSTRUCTIONS, content.system_instructions),
        (names.TOOL_DEFINITIONS, content.tool_definitions),
    ):
        if value is not None and (fits := bounded(value, limit)) is not None:
            yield key, fits


def bounded(text: str, limit: int = LIMIT) -> str | None:
    """JSON text of at most `limit` characters: texts inside are shortened first, then the oldest elements go."""
    if len(text) <= limit:
        return text
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    most = limit // 4
    while most >= _SHORTEST:
        shorter = _dumped(_shortened(value, most))
        if len(shorter) <= limit:
            return shorter
        most //= 2
    value = _shortened(value, _SHORTEST)
    while isinstance(value, list) and len(value) > 1:
        value = value[len(value) // 2 :]
        if len(shorter := _dumped(value)) <= limit:
            return shorter
    return None


def description(failure: Failure) -> str:
    """A status description: one bounded line. A dissector keeps a provider's message only where content may be kept."""
    said = f"{failure.type}: {failure.message}" if failure.message else failure.type
    return " ".join(said.split())[:DESCRIPTION]


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _shortened(value: Any, most: int) -> Any:
    if isinstance(value, str):
        return value if len(value) <= most else value[: most - 1] + "…"
    if isinstance(value, dict):
        return {k: _shortened(v, most) for k, v in value.items()}
    return [_shortened(v, most) for v in value] if isinstance(value, list) else value
