"""A recording's spans as lines: names, and what hangs under what. Ids and times aside."""

from opentelemetry.sdk.trace import ReadableSpan

from hexr_autoinst.capture import replay
from hexr_autoinst.config import Config
from hexr_autoinst.pipeline import Pipeline
from hexr_autoinst.settings import settings

SILENCE = 60  # seconds, as the product has it


def told(path):
    """The spans of a recording, by the time they began."""
    pipeline = Pipeline(settings(Config(turn_silence=SILENCE), replay.session(path)), strict=True)
    spans = [s for fact in replay.read(path) for s in pipeline.feed(fact) if isinstance(s, ReadableSpan)]
    assert pipeline.account.balanced
    return sorted(spans, key=lambda s: (s.start_time, -s.end_time))


def tree(spans):
    """Each root, and below it its children by the time they began."""
    known = {s.context.span_id for s in spans}
    below = {}
    for span in spans:
        parent = span.parent.span_id if span.parent else None
        assert parent is None or parent in known, f"an orphan: {span.name}"
        below.setdefault(parent, []).append(span)

    def lines(parent, depth):
        for span in below.get(parent, []):
            yield "  " * depth + line(span)
            yield from lines(span.context.span_id, depth + 1)

    return [*lines(None, 0)]


def line(span):
    """One span: its name, what it is about, and what is not plain about it."""
    a = span.attributes
    what = {
        "hexr.agent.invoke": (span.resource.attributes.get("service.name"), a.get("hexr.agent.boundary"), a.get("framework")),
        "hexr.sandbox.exec": (a.get("language"),),
    }.get(span.name, (a.get("gen_ai.tool.name"),))  # fmt: skip
    calls = a.get("hexr.llm.tool_call.names")
    marks = [
        f"-> {', '.join(calls)}" if calls else "",
        f"!{a['error.type']}"
        if "error.type" in a
        else "!failed"
        if not span.status.is_ok and span.status.status_code.name == "ERROR"
        else "",
        f"missing={','.join(missing)}"
        if (missing := a.get("hexr.capture.missing")) and not isinstance(missing, str)
        else f"missing={missing}"
        if missing
        else "",
        "ambiguous" if a.get("hexr.self.ambiguous") else "",
        f"links={len(span.links)}" if span.links else "",
    ]
    return " ".join(str(p) for p in (span.name.removeprefix("hexr."), *what, *marks) if p)
