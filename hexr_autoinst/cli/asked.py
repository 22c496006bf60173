"""What `observe` and `traces` share: filters of the command line, the store they read, text fit for a terminal."""

import argparse
import os
import re
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hexr_autoinst.errors import UsageError

if TYPE_CHECKING:
    from hexr_autoinst.export.reading import Query
    from hexr_autoinst.export.sqlite_reader import SqliteStore

_UNITS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


def add_filters(parser: argparse.ArgumentParser) -> None:
    """`--since --agent --model --errors`."""
    parser.add_argument("--since", metavar="AGE", help="only what is younger: 30s, 10m, 2h, 7d")
    parser.add_argument("--agent", metavar="GLOB", default="", help="only agents whose name matches")
    parser.add_argument("--model", metavar="GLOB", default="", help="only models whose name matches")
    parser.add_argument("--errors", action="store_true", help="only what failed")


def query(args: argparse.Namespace, limit: int, *, invocations: bool = False) -> "Query":
    """The filters as the store wants them."""
    from hexr_autoinst.export.reading import Query

    since = time.time_ns() - int(age(args.since) * 1e9) if args.since else 0
    return Query(since, args.agent, args.model, args.errors, limit=limit, invocations=invocations)


def age(text: str) -> float:
    """Seconds of `10m`; UsageError for anything else."""
    found = re.fullmatch(r"(\d{1,9}(?:\.\d+)?)([smhd])", text.strip())
    if not found:
        raise UsageError(detail=f"--since wants a number and one of s, m, h, d (as in 10m), not `{text}`")
    return float(found[1]) * _UNITS[found[2]]


def store() -> "SqliteStore":
    """The embedded store of the configuration."""
    from hexr_autoinst.config import load
    from hexr_autoinst.export.sqlite_reader import SqliteStore
    from hexr_autoinst.export.store_schema import STORE_FILE

    return SqliteStore(Path(load().state_dir) / STORE_FILE)


def count_argument(text: str) -> int:
    """A number from 1 to 100,000, for argparse."""
    value = int(text)
    if not 1 <= value <= 100_000:
        raise argparse.ArgumentTypeError("a number from 1 to 100000")
    return value


def colored() -> bool:
    """Whether standard output is a terminal that wants colors (no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def unicode_output() -> bool:
    """Whether standard output can say more than ASCII. What it cannot is replaced, never raised."""
    encoding = (sys.stdout.encoding or "ascii").lower().replace("-", "")
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    return encoding.startswith("utf")


def fit(text: str, width: int, ellipsis: str = "…") -> str:
    """The text in exactly `width` columns."""
    return text.ljust(width) if len(text) <= width else text[: max(0, width - len(ellipsis))] + ellipsis


def took(ms: float | None) -> str:
    """A duration with three digits that mean something."""
    if ms is None:
        return "-"
    if ms < 1_000:
        return f"{ms:.0f} ms" if ms >= 10 else f"{ms:.1f} ms"
    return f"{ms / 1_000:.2f} s" if ms < 100_000 else f"{ms / 60_000:.1f} m"


def tokens(given: int | None, made: int | None) -> str:
    """`1,200 → 45`."""
    if given is None and made is None:
        return "-"
    return f"{'-' if given is None else f'{given:,}'} → {'-' if made is None else f'{made:,}'}"
