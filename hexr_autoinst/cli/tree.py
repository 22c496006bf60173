"""One trace as a tree of lines, with a bar for each span: how it is drawn, and nothing of where it comes from."""

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from hexr_autoinst.cli import asked

if TYPE_CHECKING:
    from hexr_autoinst.export.reading import SpanRow


class Signs(NamedTuple):
    """What lines and bars are made of."""

    branch: str
    last: str
    pass_: str
    wait: str
    run: str
    rest: str
    arrow: str
    more: str


UNICODE: Final = Signs("├─ ", "└─ ", "│  ", "░", "█", "·", "→", "…")
ASCII: Final = Signs("|- ", "`- ", "|  ", "-", "#", ".", "->", "~")
_DEEPEST: Final = 20
_FIGURES: Final = 46  # duration, first chunk, tokens, outcome


def draw(spans: "list[SpanRow]", width: int, *, color: bool = False, wide: bool = True) -> list[str]:
    """A head line, then a line for each span under its parent."""
    signs = UNICODE if wide else ASCII
    began, ended = min(s.start_ns for s in spans), max(s.end_ns for s in spans)
    rows = list(_walk(spans, signs))
    names = [prefix + _name(span) for prefix, span in rows]
    label = max(16, min(max(len(n) for n in names), 48, width - _FIGURES))
    bar = min(40, width - label - _FIGURES - 12)
    lines = [_head(spans, began, ended, signs, color)]
    for (_, span), name in zip(rows, names, strict=True):
        cells = [_painted(asked.fit(name, label, signs.more), span, color)]
        if bar >= 10:
            cells.append(_bar(span, began, ended, bar, signs))
        lines.append("  ".join([*cells, _figures(span, signs, color)]).rstrip())
    return lines


def _walk(spans: "list[SpanRow]", signs: Signs) -> "Iterator[tuple[str, SpanRow]]":
    from hexr_autoinst.cli.traces import spans_by_parent

    children = spans_by_parent(spans)
    seen: set[str] = set()
    stack = [(span, "", "") for span in reversed(children.get("", []))]
    while stack:
        span, own, below = stack.pop()
        if span.span_id in seen:
            continue
        seen.add(span.span_id)
        yield own, span
        family = children.get(span.span_id, [])
        deep = len(below) >= _DEEPEST * 3  # deeper than any screen: no further indent
        for child in reversed(family):
            last = child is family[-1]
            indent = below if deep else below + ("   " if last else signs.pass_)
            stack.append((child, below + (signs.last if last else signs.branch), indent))
    # A ring of parents (only a hostile trace context makes one) hangs on nothing, and is shown all the same.
    yield from (("", span) for span in spans if span.span_id not in seen)


def _name(span: "SpanRow") -> str:
    from hexr_autoinst.live import plain

    if span.boundary:
        return f"{plain(span.agent or '-')} ({plain(span.boundary)})"
    if span.title:
        return plain(span.title)
    what = plain(span.model or span.tool or "")
    return f"{what} {plain(span.operation or '')}".strip() if what else plain(span.name)


def _painted(text: str, span: "SpanRow", color: bool) -> str:
    from hexr_autoinst.live import paint

    return paint(text, "cyan", color) if span.boundary else text


def _head(spans: "list[SpanRow]", began: int, ended: int, signs: Signs, color: bool) -> str:
    from hexr_autoinst.live import paint

    calls = [s for s in spans if s.provider]
    total = asked.tokens(sum(s.input_tokens or 0 for s in calls), sum(s.output_tokens or 0 for s in calls))
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(began / 1e9))
    figures = [
        when,
        asked.took((ended - began) / 1e6),
        f"{len(calls)} model call{'' if len(calls) == 1 else 's'}",
        f"{total.replace('→', signs.arrow)} tokens",
    ]
    return f"{paint(spans[0].trace_id, 'bold', color)}  {', '.join(figures)}"


def _bar(span: "SpanRow", began: int, ended: int, width: int, signs: Signs) -> str:
    """Where the span lies in the trace: waiting for the first chunk, then running."""
    scale = width / max(ended - began, 1)
    left = min(int((span.start_ns - began) * scale), width - 1)
    size = max(1, min(round((span.end_ns - span.start_ns) * scale), width - left))
    wait = 0 if span.first_chunk_s is None else min(int(span.first_chunk_s * 1e9 * scale), size - 1)
    return (
        signs.rest * left + signs.wait * wait + signs.run * (size - wait) + signs.rest * (width - left - size)
    )


def _did(span: "SpanRow") -> str:
    """What an invocation adds up to."""
    from hexr_autoinst.semconv.columns import cost, did

    (calls, tools), usd = did(span.attributes), cost(span.attributes)
    if calls is None:
        return ""
    return ", ".join(
        [
            f"{calls} call{'' if calls == 1 else 's'}",
            f"{tools or 0} tool{'' if tools == 1 else 's'}",
            *([f"${usd:.2g}"] if usd is not None else []),
        ]
    )


def _unseen(span: "SpanRow") -> str:
    """What is not whole about it; a tool that was never answered says just that."""
    from hexr_autoinst.semconv.columns import is_unanswered

    return "unanswered" if is_unanswered(span.attributes) else "incomplete"


def _figures(span: "SpanRow", signs: Signs, color: bool) -> str:
    from hexr_autoinst.live import paint, plain

    given = asked.tokens(span.input_tokens, span.output_tokens).replace("→", signs.arrow)
    first = "" if span.first_chunk_s is None else f"first {asked.took(span.first_chunk_s * 1e3)}"
    failed = span.status == "ERROR"
    outcome = plain((span.error_type or "error") if failed else span.finish or _did(span))
    parts = [
        f"{asked.took((span.end_ns - span.start_ns) / 1e6):>8}",
        f"{given if span.provider else '':>15}",
        paint(f"{first:13}", "dim", color),
        paint(outcome, "red" if failed else "green", color) if outcome else "",
        "" if span.complete else paint(_unseen(span), "yellow", color),
    ]
    return "  ".join(p for p in parts if p)
