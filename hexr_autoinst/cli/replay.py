"""Tells the spans of a recording again: a file made by `record`, or a HAR 1.2 (gzip too).

  hexr-autoinst replay facts.hexr                            OTLP/JSON lines on standard output
  hexr-autoinst replay traffic.har --output spans.jsonl

The same file gives the same spans, byte for byte. Nothing is captured, no daemon is needed. The
account of facts is printed at the end, on standard error.
"""

import argparse
import sys
from pathlib import Path
from typing import IO, Any

NAME = "replay"
HELP = "tell the spans of a recording or a HAR file again"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which file, whereto, and what may be told."""
    parser.add_argument("file", type=Path, help="a recording, or a HAR 1.2 file")
    parser.add_argument(
        "-o", "--output", default="-", help="file for the spans as OTLP/JSON lines; - is standard output"
    )
    parser.add_argument("--content", action="store_true", default=None, help="keep prompts and completions")
    parser.add_argument(
        "--span-names", choices=("hexr", "semconv"), help="span names of hexr or of the convention"
    )
    parser.add_argument(
        "--strict", action="store_true", help="let a defect in a room raise instead of counting it"
    )


def run(args: argparse.Namespace) -> int:
    """Feed every fact; write every span as soon as it is told."""
    from hexr_autoinst.capture.replay import read, session
    from hexr_autoinst.config import load
    from hexr_autoinst.pipeline import Pipeline
    from hexr_autoinst.settings import settings

    config = load({"content": args.content, "span_names": args.span_names})
    pipeline = Pipeline(settings(config, session(args.file)), strict=args.strict)
    if args.output == "-":
        spans = _replay(pipeline, read(args.file), sys.stdout)
    else:
        with Path(args.output).open("w", encoding="utf-8") as out:
            spans = _replay(pipeline, read(args.file), out)
    print(_summary(spans, pipeline.account), file=sys.stderr)
    return 0 if pipeline.account.balanced else 70


def _replay(pipeline: Any, facts: Any, out: IO[str]) -> int:
    from opentelemetry.exporter.otlp.json.file import FileSpanExporter
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor

    processor = SimpleSpanProcessor(FileSpanExporter(stream=out))
    count = 0
    for fact in facts:
        for told in pipeline.feed(fact):
            if isinstance(told, ReadableSpan):
                processor.on_end(told)
                count += 1
    return count


def _summary(spans: int, account: Any) -> str:
    ignored, dropped = account.ignored.total(), account.dropped.total()
    line = (
        f"{spans} spans; facts: {account.issued} issued = {account.told} told + {ignored} ignored"
        f" + {dropped} dropped + {account.open} open"
    )
    swallowed = ", ".join(f"{place} {n}" for place, n in account.swallowed.items())
    return f"{line}; survived errors: {swallowed}" if swallowed else line
