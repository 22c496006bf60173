"""Which attribute fills which column of a store: the words that lists, filters and totals are made of.

Each column names its keys in order of preference; the first that a span or its resource carries
answers. A store keeps all attributes beside the columns, so nothing here decides what is kept.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

_SPAN: Final[Mapping[str, tuple[str, ...]]] = {
    "operation": ("gen_ai.operation.name",),
    "model": ("gen_ai.request.model", "gen_ai.response.model"),
    # Stands on model spans only, so it also says which spans are model calls.
    "provider": ("gen_ai.provider.name",),
    "tool": ("gen_ai.tool.name", "tool_name"),
    "peer": ("target_agent", "source_agent"),
    "input_tokens": ("gen_ai.usage.input_tokens",),
    "output_tokens": ("gen_ai.usage.output_tokens",),
    "first_chunk_s": ("gen_ai.response.time_to_first_chunk",),
    "finish": ("gen_ai.response.finish_reasons",),
    "error_type": ("error.type",),
    "boundary": ("hexr.agent.boundary",),
    "source": ("hexr.capture.source",),
    "complete": ("hexr.capture.complete",),
}
_RESOURCE: Final[Mapping[str, tuple[str, ...]]] = {
    "agent": ("hexr.agent.name", "service.name"),
    "tenant": ("service.namespace",),
    "framework": ("hexr.agent.framework",),
    "instance": ("service.instance.id",),
}

# How a person reads a span's attributes: what was asked of whom, how it was seen, over what connection.
FAMILIES: Final[Mapping[str, tuple[str, ...]]] = {
    "Call": (
        "gen_ai.",
        "openai.",
        "anthropic.",
        "error.",
        "mcp.",
        "a2a.",
        "jsonrpc.",
        "rpc.",
        "tool_name",
        "arguments",
        "target_agent",
        "source_agent",
        "task_",
        "hexr.a2a.",
        "hexr.mcp.",
        "hexr.call.",
        "hexr.credential.",
        "hexr.vault.",
        "hexr.cache.",
        "db.",
        "service",
        "region",
        "provider",
        "spiffe_id",
        "path",
        "tier",
        "hit",
        "cache_tier",
        "duration_ms",
    ),
    "Observed": ("hexr.",),
    "Connection": ("server.", "client.", "http.", "network.", "url.", "tls."),
    "More": ("",),
}


# Which attributes an effect's title is made of.
_EFFECTS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("hexr.tool.", ("service", "rpc.method")),
    ("execute_tool ", ("service", "rpc.method")),
    ("hexr.credential.", ("provider", "hexr.credential.operation")),
    ("hexr.vault.", ("path",)),
    ("hexr.cache.", ("db.operation.name", "service", "tier")),
)


class Columns(NamedTuple):
    """What one span puts into the columns. None: the span does not say."""

    agent: str
    tenant: str
    framework: str
    instance: str
    operation: str | None
    model: str | None
    provider: str | None
    tool: str | None
    peer: str | None
    input_tokens: int | None
    output_tokens: int | None
    first_chunk_s: float | None
    finish: str | None
    error_type: str | None
    boundary: str | None
    source: str | None
    complete: bool


def columns(attributes: Mapping[str, Any], resource: Mapping[str, Any]) -> Columns:
    """The columns of a span with these attributes under this resource."""
    found = {name: _first(attributes, keys) for name, keys in _SPAN.items()}
    owner = {name: _text(_first(resource, keys)) or "" for name, keys in _RESOURCE.items()}
    return Columns(
        agent=owner["agent"],
        tenant=owner["tenant"],
        framework=owner["framework"],
        instance=owner["instance"],
        operation=_text(found["operation"]),
        model=_text(found["model"]),
        provider=_text(found["provider"]),
        tool=_text(found["tool"]),
        peer=_text(found["peer"]),
        input_tokens=_count(found["input_tokens"]),
        output_tokens=_count(found["output_tokens"]),
        first_chunk_s=_seconds(found["first_chunk_s"]),
        finish=_text(found["finish"]),
        error_type=_text(found["error_type"]),
        boundary=_text(found["boundary"]),
        source=_text(found["source"]),
        complete=found["complete"] is not False,
    )


def title(name: str, attributes: Mapping[str, Any]) -> str | None:
    """What a call of an agent protocol, or an effect, is to a person: `add`, `send to Analyst`, `aws_s3`; None for any other span."""
    method = _first(attributes, ("mcp.method.name", "a2a.method.name"))
    if method is None:
        return _effect(name, attributes)
    what = _text(_first(attributes, _SPAN["tool"])) or _text(_first(attributes, ("gen_ai.prompt.name",)))
    if "mcp.method.name" in attributes:
        return what or str(method)
    word = name.rpartition(".")[2].replace("_", " ")
    to, by = attributes.get("target_agent"), attributes.get("source_agent")
    return f"{word} to {to}" if to else f"{word} for {by}" if by else word


def _effect(name: str, attributes: Mapping[str, Any]) -> str | None:
    """`aws_s3 GetObject`, `aws AssumeRole`, `get agents/db`, `GET hit`."""
    found = next((keys for prefix, keys in _EFFECTS if name.startswith(prefix)), None)
    if found is None:
        return None
    said = [_text(attributes.get(key)) for key in found]
    words = [name.rpartition(".")[2]] if name.startswith("hexr.vault.") else []
    hit = attributes.get("hit")
    words += [word for word in said if word] + ([] if hit is None else ["hit" if hit else "miss"])
    return " ".join(words) or None


def family(key: str) -> str:
    """The title under which an attribute is shown."""
    return next(title for title, prefixes in FAMILIES.items() if key.startswith(prefixes))


def _first(attributes: Mapping[str, Any], keys: tuple[str, ...]) -> Any:
    return next((attributes[key] for key in keys if attributes.get(key) is not None), None)


def _text(value: Any) -> str | None:
    if value is None:
        return None
    return ", ".join(str(v) for v in value) if isinstance(value, list | tuple) else str(value)


def _count(value: Any) -> int | None:
    # An answer may claim any number; SQLite holds 64 bits.
    return min(value, (1 << 63) - 1) if isinstance(value, int) and not isinstance(value, bool) else None


def _seconds(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
