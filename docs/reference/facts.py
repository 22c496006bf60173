"""The page of providers: from the vendors' own data, and from what the golden fixtures prove to be told of each shape."""

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache

# fact → the attributes that tell it, in the order of the columns
FACTS = {
    "model": ("gen_ai.request.model", "gen_ai.response.model"),
    "id": ("gen_ai.response.id",),
    "finish": ("gen_ai.response.finish_reasons",),
    "input": ("gen_ai.usage.input_tokens",),
    "output": ("gen_ai.usage.output_tokens",),
    "cached": ("gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cache_creation.input_tokens"),
    "reasoning": ("gen_ai.usage.reasoning.output_tokens",),
    "modalities": ("hexr.llm.usage.",),
    "stream": ("gen_ai.request.stream",),
    "first chunk": ("gen_ai.response.time_to_first_chunk",),
    "tools asked for": ("hexr.llm.tool_call.names",),
    "tools offered": ("hexr.llm.tool_definition.names",),
    "tool results": ("hexr.llm.tool_result.ids",),
    "sampling": ("gen_ai.request.max_tokens", "gen_ai.request.temperature", "gen_ai.request.top_p"),
    "conversation": ("gen_ai.conversation.id",),
    "filters": ("hexr.guard.",),
    "errors": ("error.type",),
    "messages": ("gen_ai.input.messages", "gen_ai.output.messages"),
    "counts": (
        "hexr.llm.inputs",
        "hexr.llm.images",
        "hexr.llm.billed_units",
        "hexr.llm.audio.seconds",
        "hexr.llm.characters",
        "gen_ai.embeddings.dimension.count",
    ),
}


@cache
def told() -> dict[str, frozenset[str]]:
    """Dialect → the facts that some fixture in it tells."""
    from dataclasses import replace

    from hexr_autoinst.dissect.claim import choose, question
    from hexr_autoinst.model.story import Agent, Place, Placed
    from hexr_autoinst.semconv.call import call_attributes
    from tests.dissect.cases import all_cases, exchange_of
    from tests.dissect.dialogues import DIALOGUES, by_messages, load, meaning

    calls = []
    for case in all_cases():
        asked, frames, answer = exchange_of(case)
        about = question(asked)
        reading = choose(about).open(about, content=True)
        for frame in frames:
            reading.frame(frame)
        exchange = replace(asked, response=answer)
        call = reading.close(exchange)
        if call is None:
            continue
        calls.append((reading.dialect.name, exchange, call))
    for case in DIALOGUES:
        _, done, listener, _ = meaning(by_messages(load(case), 1 << 20), content=True)
        calls += [(listener.dialect.name, exchange, call) for exchange, call in done]
    found: dict[str, set[str]] = defaultdict(set)
    for name, exchange, call in calls:
        placed = Placed(Agent("a"), Place("0" * 32, "0" * 16), exchange, call)
        keys = {key for key, _ in call_attributes(placed, call)}
        found[name] |= {fact for fact, wanted in FACTS.items() if any(k.startswith(wanted) for k in keys)}
    return {name: frozenset(facts) for name, facts in found.items()}


def page() -> Iterator[str]:
    """The page, line by line."""
    from hexr_autoinst.dissect import VENDORS
    from hexr_autoinst.semconv.names import LLM_SPANS, system_of

    vendors = list(VENDORS)
    yield "# Providers\n"
    yield (
        f"{len(vendors)} files in `hexr_autoinst/dissect/providers/`. A host is known by name; a path names the shape; on any other host, path and body must show the\n"
        "shape together, and the provider is then marked `hexr.inferred` unless the wire names it. An endpoint that is not listed is a plain call: no model span is made of it.\n"
    )
    yield "## What is told of each shape\n"
    yield "Proved by the fixtures of `tests/exchanges/`; a fact that a vendor does not send stays absent.\n"
    dialects = {e.dialect.name: e.dialect for v in vendors for e in (*v.endpoints, *v.elsewhere)}
    yield "| shape | span | operation | facts |\n|---|---|---|---|"
    for name, dialect in sorted(dialects.items()):
        facts = ", ".join(f for f in FACTS if f in told().get(name, ())) or "none"
        yield f"| `{name}` | `{LLM_SPANS[dialect.kind]}` | `{dialect.operation}` | {facts} |"
    yield "\n## Endpoints\n"
    for vendor in vendors:
        yield f"### {vendor.name}\n"
        who = "a gateway: the provider is whoever the wire names, else the shape's"
        if vendor.provider:
            who = f"`gen_ai.provider.name` = `{vendor.provider}`, `gen_ai.system` = `{system_of(vendor.provider)}`"
        hosts = ", ".join(f"`{_host(h)}`" for h in vendor.hosts) or "none of its own"
        yield f"{who}; hosts: {hosts}\n"
        rows = [(e, "") for e in vendor.endpoints] + [(e, "any host") for e in vendor.elsewhere]
        if rows:
            yield "| | path | shape | |\n|---|---|---|---|"
            for endpoint, host in rows:
                where = ", ".join(
                    w for w in (host, "where the body has the shape" if endpoint.by_body else "") if w
                )
                yield f"| {endpoint.method} | `{_path(endpoint.path.pattern)}` | `{endpoint.dialect.name}` | {where} |"
        yield ""


def _host(host: str) -> str:
    return (
        host.removeprefix("~").replace("|", "\\|")
        if host.startswith("~")
        else host
        if host[0] != "."
        else f"*{host}"
    )


def _path(pattern: str) -> str:
    """A pattern as a person writes it: {model} for a group, [x] for what may be absent."""
    text = re.sub(r"^\(\?!\.\*[^)]*\)", "", pattern).removeprefix(".*?(?:")
    if pattern.startswith((".*?(?:", "(?!")):
        text = "…" + text.removesuffix(")")
    text = re.sub(r"\(\?<[!=][^()]*\)", "", text)  # what a path must not follow is no part of it
    text = text.replace("(?::|%3[Aa])", ":")
    text = re.sub(r"\(\?P<model>\.\*(\w+)(?:\\\.)?\.\*\)", r"{model: …\1…}", text)  # what its name must say
    text = re.sub(r"\(\?P<stream>([^()]*)\)\?", r"[\1]", text)  # a stream is asked for by what is there
    text = re.sub(r"\(\?P<stream>([^()]*)\)", r"\1", text)
    text = re.sub(r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)", r"{\1}", text)
    text = re.sub(r"\(\?:([^()]*)\)\?", r"[\1]", text)
    text = re.sub(r"\[\^/?:?/?\]\+", "*", text)
    text = re.sub(r"\(\?:([^()]*)\)", r"(\1)", text)
    return re.sub(r"\\(.)", r"\1", text).replace("|", "\\|")
