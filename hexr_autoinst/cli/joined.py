"""`traces join`: exports of several hosts as one. Files in, lines or trees out; what joins is `export.join`'s business."""

import argparse
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hexr_autoinst.cli import asked

if TYPE_CHECKING:
    from hexr_autoinst.export.reading import SpanRow


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The files, and the form of the output."""
    parser.add_argument(
        "files", type=Path, nargs="+", metavar="FILE", help="OTLP/JSON lines, as `replay` writes them"
    )
    parser.add_argument(
        "-o", "--output", choices=("otlp", "tree"), default="otlp", help="form of the output (default otlp)"
    )


def run(args: argparse.Namespace) -> int:
    """Look for keys, then write everything again."""
    from hexr_autoinst.export.join import Joins
    from hexr_autoinst.export.lines import requests

    joins = Joins()
    for path in args.files:
        for request in requests(path):
            joins.look(request)
    plan = joins.plan()
    joined = (plan.rewrite(request) for path in args.files for request in requests(path))
    if args.output == "tree":
        _draw(joined)
    else:
        for request in joined:
            print(json.dumps(request, separators=(",", ":")))
    return 0


def _draw(joined: Iterator[dict[str, Any]]) -> None:
    """Every trace as a tree, the oldest first."""
    from hexr_autoinst.cli.tree import draw
    from hexr_autoinst.export.lines import rows

    traces: dict[str, list[SpanRow]] = {}
    for request in joined:
        for row in rows(request):
            traces.setdefault(row.trace_id, []).append(row)
    width = shutil.get_terminal_size((110, 24)).columns
    for spans in sorted(traces.values(), key=lambda found: min(s.start_ns for s in found)):
        spans.sort(key=lambda s: (s.start_ns, -s.end_ns))
        for line in draw(spans, width, color=asked.colored(), wide=asked.unicode_output()):
            print(line)
