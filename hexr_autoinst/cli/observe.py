"""Prints one line for each operation that was told: when, who, which model, tokens, first chunk, duration, outcome.

  hexr-autoinst observe                          the last 20
  hexr-autoinst observe -f                       and what comes, until Ctrl-C
  hexr-autoinst observe --since 10m --errors
  hexr-autoinst observe -o json > calls.jsonl    one flat object a line
  hexr-autoinst observe --errors - < calls.jsonl reads its own JSON back
  hexr-autoinst observe -o otlp --since 1h       OTLP/JSON lines, as `replay` writes them: whole trees, for `traces join`

Reads the embedded store: run it with sudo, or as a member of the group hexr.
"""

import argparse
import fnmatch
import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import IO, TYPE_CHECKING, Any, Final

from hexr_autoinst.cli import asked
from hexr_autoinst.errors import UsageError

if TYPE_CHECKING:
    from hexr_autoinst.export.reading import Query, SpanRow
    from hexr_autoinst.export.sqlite_reader import SqliteStore

NAME = "observe"
HELP = "one line for each operation, as it happens"

_LAST: Final = 20
_AT_ONCE: Final = 500
_LOOK_EVERY_S: Final = 0.25
_LINE_LONGEST: Final = 1 << 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Filters, how many, which form."""
    parser.add_argument("-f", "--follow", action="store_true", help="go on with what is told from now on")
    asked.add_filters(parser)
    parser.add_argument(
        "--last",
        type=asked.count_argument,
        metavar="N",
        help=f"the newest N (default {_LAST}; with --since all)",
    )
    parser.add_argument(
        "-o", "--output", choices=("compact", "json", "otlp"), default="compact", help="form of a line"
    )
    parser.add_argument(
        "--stdin", action="store_true", help="read the JSON lines of `-o json` from standard input"
    )
    parser.add_argument("input", nargs="?", choices=("-",), help="the same as --stdin")  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Print what is there; then, if asked, what comes."""
    if args.stdin or args.input:
        return _from_stdin(args)
    store = asked.store()
    show = _writer(args.output)
    place = store.newest()  # before the first page: what is told meanwhile comes with the next
    shown = 0
    for row in _past(store, args):
        show(row)
        shown += 1
    if args.follow:
        _follow(store, _query(args, _AT_ONCE), place, show)
    elif not shown:
        _nothing(args)
    return 0


def _past(store: "SqliteStore", args: argparse.Namespace) -> Iterable["SpanRow"]:
    if args.last or not args.since:
        return store.last(_query(args, args.last or _LAST))
    return _pages(store, _query(args, _AT_ONCE), 0)


def _query(args: argparse.Namespace, limit: int) -> "Query":
    """An export without the invocations would be trees without their roots."""
    return asked.query(args, limit, invocations=args.output == "otlp")


def _pages(store: "SqliteStore", query: "Query", after: int) -> Iterator["SpanRow"]:
    while rows := store.spans(after, query):
        yield from rows
        after = rows[-1].seq


def _follow(store: "SqliteStore", query: "Query", after: int, show: Callable[["SpanRow"], None]) -> None:
    file = store.path.stat().st_ino
    while True:
        sys.stdout.flush()
        time.sleep(_LOOK_EVERY_S)
        # A store that was set aside begins to count anew.
        if (now := store.path.stat().st_ino) != file:
            file, after = now, 0
        newest = store.newest()
        if newest > after:
            for row in _pages(store, query, after):
                show(row)
            after = newest


def _nothing(args: argparse.Namespace) -> None:
    narrowed = args.since or args.agent or args.model or args.errors
    print(
        "Nothing in the store matches."
        if narrowed
        else "Nothing has been told yet. `hexr-autoinst demo` makes a first trace; `sudo hexr-autoinst doctor` says what is watched.",
        file=sys.stderr,
    )


def _writer(output: str) -> Callable[["SpanRow"], None]:
    if output == "otlp":
        from opentelemetry.exporter.otlp.json.file import FileSpanExporter

        from hexr_autoinst.export.restore import restored

        exporter = FileSpanExporter(stream=sys.stdout)
        return lambda row: _exported(exporter.export([restored(row)]))
    write = _line_writer(output)
    return lambda row: write(flat(row))


def _exported(result: Any) -> None:
    if result.name != "SUCCESS":
        raise BrokenPipeError


def _line_writer(output: str) -> Callable[[dict[str, Any]], None]:
    if output == "json":
        return lambda line: print(json.dumps(line))
    color, wide = asked.colored(), asked.unicode_output()

    def write(line: dict[str, Any]) -> None:
        text = compact(line, color=color)
        print(text if wide else text.replace("→", "->"))

    return write


def flat(row: "SpanRow") -> dict[str, Any]:
    """One object without nesting: our own few names first, then the span's attributes under theirs."""
    return {
        "at": row.end_ns,
        "agent": row.agent,
        "tenant": row.tenant,
        "name": row.name,
        "model": row.model,
        "tool": row.tool,
        "peer": row.peer,
        "title": row.title,
        "input_tokens": row.input_tokens,
        "output_tokens": row.output_tokens,
        "first_chunk_ms": None if row.first_chunk_s is None else row.first_chunk_s * 1e3,
        "duration_ms": (row.end_ns - row.start_ns) / 1e6,
        "status": row.status.lower(),
        "error": (row.error_type or "error") if row.status == "ERROR" else None,
        "finish": row.finish,
        "complete": row.complete,
        "source": row.source,
        "trace_id": row.trace_id,
        "span_id": row.span_id,
        "parent_id": row.parent_id,
        **row.attributes,
    }


def compact(line: dict[str, Any], *, color: bool = False) -> str:
    """One line for a person. Text of the wire cannot move the cursor: control characters are shown, not obeyed."""
    from hexr_autoinst.live import paint, plain

    what = plain(line.get("model") or line.get("title") or line.get("tool") or line.get("name") or "-")
    whole = line.get("complete") is not False
    outcome = plain(line.get("error") or line.get("finish") or ("ok" if whole else ""))
    parts = [
        paint(_clock(line.get("at")), "dim", color),
        paint(asked.fit(plain(line.get("agent") or "-"), 18), "cyan", color),
        asked.fit(what, 28),
        f"{asked.tokens(_whole(line.get('input_tokens')), _whole(line.get('output_tokens'))):>16}",
        f"{asked.took(_real(line.get('first_chunk_ms'))):>8}",
        f"{asked.took(_real(line.get('duration_ms'))):>8}",
        paint(outcome, "red" if line.get("error") else "green", color) if outcome else "",
        "" if whole else paint("incomplete", "yellow", color),
    ]
    return "  ".join(p for p in parts if p)


def _clock(at: object) -> str:
    then = time.localtime((_real(at) or 0) / 1e9)
    today = then[:3] == time.localtime()[:3]
    return time.strftime("%H:%M:%S" if today else "%Y-%m-%d %H:%M:%S", then)


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _real(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and abs(value) < 1e19 else None


def _from_stdin(args: argparse.Namespace) -> int:
    if args.output == "otlp" or args.follow:
        raise UsageError(
            detail="standard input is read to its end as JSON lines: neither -f nor -o otlp applies"
        )
    query, write = asked.query(args, 0), _line_writer(args.output)
    foreign = 0
    for line in own_lines(sys.stdin):
        if line is None:
            foreign += 1
        elif matches(line, query):
            write(line)
    if foreign:
        print(f"{foreign} lines were none of `observe -o json`", file=sys.stderr)
    return 65 if foreign else 0


def own_lines(source: IO[str]) -> Iterator[dict[str, Any] | None]:
    """The objects of `-o json`; None for a line that is none."""
    while text := source.readline(_LINE_LONGEST):
        if not text.strip():
            continue
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            found = None
        ours = isinstance(found, dict) and {"at", "agent", "name", "trace_id"} <= found.keys()
        yield found if ours else None


def matches(line: dict[str, Any], query: "Query") -> bool:
    """The store's filters, for a line."""
    return (
        (_real(line.get("at")) or 0) >= query.since_ns
        and (not query.agent or fnmatch.fnmatchcase(str(line.get("agent") or ""), query.agent))
        and (not query.model or fnmatch.fnmatchcase(str(line.get("model") or ""), query.model))
        and (not query.errors or bool(line.get("error")))
    )
