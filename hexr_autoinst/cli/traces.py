"""Lists traces, draws one as a tree with durations, models, tokens and errors, or joins the exports of several hosts.

  hexr-autoinst traces list                          the newest 20
  hexr-autoinst traces list --agent 'crew*' --errors
  hexr-autoinst traces show 4bf92f35                 the beginning of an id is enough
  hexr-autoinst traces join a.jsonl b.jsonl          one trace where agents on two hosts have talked

`list` and `show` read the embedded store: run them with sudo, or as a member of the group hexr. `join` reads files of
OTLP/JSON lines and writes them again, the receiver's trace under the sender's span; `-o tree` draws them.
"""

import argparse
import json
import shutil
import sys
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from hexr_autoinst.cli import asked, joined
from hexr_autoinst.errors import NoSuchTrace, UsageError

if TYPE_CHECKING:
    from hexr_autoinst.export.reading import SpanRow, TraceRow
    from hexr_autoinst.export.sqlite_reader import SqliteStore

NAME = "traces"
HELP = "list traces, draw one as a tree, or join those of several hosts"

_SHORTEST_ID: Final = 8
_HEX: Final = frozenset("0123456789abcdef")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`list`, `show` and `join`."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="the newest traces, one line each")
    asked.add_filters(listing)
    listing.add_argument(
        "--limit", type=asked.count_argument, default=20, metavar="N", help="how many (default 20)"
    )
    show = actions.add_parser("show", help="one trace as a tree")
    show.add_argument("trace", metavar="TRACE_ID", help="a trace id, or enough of its beginning")
    for action, forms in ((listing, ("table", "json")), (show, ("tree", "json"))):
        action.add_argument("-o", "--output", choices=forms, default=forms[0], help="form of the output")
    joined.add_arguments(actions.add_parser("join", help="exports of several hosts as one"))


def run(args: argparse.Namespace) -> int:
    """One of them."""
    return {"list": _list, "show": _show, "join": joined.run}[args.action](args)


def _list(args: argparse.Namespace) -> int:
    rows = asked.store().traces(asked.query(args, args.limit))
    if args.output == "json":
        for row in rows:
            print(json.dumps(asdict(row)))
        return 0
    if not rows:
        print(
            "No trace matches. `hexr-autoinst demo` makes one; `sudo hexr-autoinst doctor` says what is watched.",
            file=sys.stderr,
        )
        return 0
    wide = asked.unicode_output()
    width = shutil.get_terminal_size((110, 24)).columns
    for line in table(rows, time.time_ns(), width, color=asked.colored()):
        print(line if wide else line.replace("→", "->").replace("…", "."))
    return 0


def table(rows: "list[TraceRow]", now: int, width: int, *, color: bool = False) -> list[str]:
    """A head and a line for each trace, in the width of the terminal."""
    from hexr_autoinst.live import paint, plain

    digits = shortest([r.trace_id for r in rows])
    agent = min(max([5, *(len(plain(r.agent)) for r in rows)]), 22)
    model = max(10, min(max([5, *(len(plain(r.models)) for r in rows)]), width - digits - agent - 67))
    head = f"{'TRACE':{digits}}  {'AGE':>5}  {'AGENT':{agent}}  {'MODEL':{model}}  {'TOKENS':>18}  {'FIRST':>8}  {'TOOK':>8}  ERRORS"
    lines = [paint(head, "dim", color)]
    for r in rows:
        failed = (
            f"{r.errors} {plain(r.error_type or '')}".strip() if r.errors else "failed" if r.failed else ""
        )
        cells = [
            r.trace_id[:digits],
            f"{_old(now - r.ended):>5}",
            paint(asked.fit(plain(r.agent or "-"), agent), "cyan", color),
            asked.fit(plain(r.models or "-"), model),
            f"{asked.tokens(r.input_tokens, r.output_tokens):>18}",
            f"{asked.took(None if r.first_chunk_s is None else r.first_chunk_s * 1e3):>8}",
            f"{asked.took((r.ended - r.began) / 1e6):>8}",
            paint(failed, "red", color) if failed else "",
        ]
        lines.append("  ".join(cells).rstrip())
    return lines


def shortest(ids: list[str]) -> int:
    """How many digits tell these ids apart."""
    return next((n for n in range(_SHORTEST_ID, 32) if len({i[:n] for i in ids}) == len(set(ids))), 32)


def _old(ns: int) -> str:
    seconds = max(0, ns // 1_000_000_000)
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "m")):
        if seconds >= size:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def _show(args: argparse.Namespace) -> int:
    from hexr_autoinst.cli.tree import draw

    store = asked.store()
    spans = store.trace(found(store, args.trace))
    if args.output == "json":
        for span in spans:
            print(json.dumps(asdict(span)))
        return 0
    width = shutil.get_terminal_size((110, 24)).columns
    for line in draw(spans, width, color=asked.colored(), wide=asked.unicode_output()):
        print(line)
    return 0


def found(store: "SqliteStore", text: str) -> str:
    """The one trace whose id begins so; an error that says why there is none, or which there are."""
    prefix = text.lower()
    if not prefix or not set(prefix) <= _HEX or len(prefix) > 32:
        raise UsageError(
            detail=f"`{text}` is no trace id: it has up to 32 digits of 0-9 and a-f; see `hexr-autoinst traces list`"
        )
    ids = store.find(prefix)
    if not ids:
        raise NoSuchTrace(detail=f"The store holds no trace {prefix}; see `hexr-autoinst traces list`.")
    if len(ids) > 1:
        raise NoSuchTrace(
            detail=f"{len(ids)} or more traces begin with {prefix}: {', '.join(ids[:3])} …; give more digits."
        )
    return ids[0]


def spans_by_parent(spans: "list[SpanRow]") -> "dict[str, list[SpanRow]]":
    """Children under their parent's id; under "" those whose parent is not here."""
    known = {s.span_id for s in spans}
    children: dict[str, list[SpanRow]] = {}
    for span in spans:
        parent = span.parent_id if span.parent_id in known and span.parent_id != span.span_id else None
        children.setdefault(parent or "", []).append(span)
    return children
