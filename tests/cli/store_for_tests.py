"""A store with a few traces, where the verbs look for it."""

import os
import subprocess
import sys
import time
from pathlib import Path

from hexr_autoinst.export.store import StoreExporter
from tests.export.spans_for_tests import MS, invocation, span

ROOT = Path(__file__).parents[2]
BEFORE = time.time_ns() - 3_000_000 * MS  # 50 minutes: no test is so slow that a filter by age flips


def path(folder):
    return folder / "store" / "spans.db"


def fill(folder):
    exporter = StoreExporter(path(folder), 64, 7)
    exporter.export(
        [
            span(0xA1 << 120, 2, 1, start=BEFORE, agent="analyst", model="gpt-4o", input=1200, output=45),
            invocation(0xA1 << 120, 1, start=BEFORE, ms=2_000, agent="analyst"),
            span(0xB2 << 120, 2, start=BEFORE + 3_600 * MS, agent="writer", model="claude-sonnet-4", error="429", first=None, output=None),
            span(0xA3 << 120, 2, start=BEFORE + 2_000_000 * MS, agent="writer", model="gpt-4o-mini", complete=False),
        ]
    )  # fmt: skip
    return exporter


def environment(folder, **more):
    kept = {k: v for k, v in os.environ.items() if not k.startswith("HEXR_")}
    return {**kept, "HEXR_CONFIG": os.devnull, "HEXR_STATE_DIR": str(folder), "PYTHONUTF8": "1", **more}


def verb(folder, *words, stdin="", **env):
    """Run the real command line."""
    return subprocess.run(
        [sys.executable, "-m", "hexr_autoinst.cli", *words],
        cwd=ROOT, input=stdin, capture_output=True, text=True, encoding="utf-8", errors="replace",
        env=environment(folder, **env), timeout=30, check=False,
    )  # fmt: skip
