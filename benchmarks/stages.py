"""Where the time of an exchange and of a streamed event goes, room by room, beside the bare `orjson.loads` of the same bodies.

  .venv/bin/python -m benchmarks.stages [--write]

Each call of the pipeline into a room is timed; what is left is the pipeline's own: handing on, counting. `--write` puts the table
into docs/performance.md.
"""

import argparse
import gc
import sys
import time
from collections import Counter

from benchmarks.page import write
from benchmarks.pipeline import EXCHANGES, ROUNDS, SETTINGS, WORDS, parsed
from benchmarks.traffic import AT, DIALECTS, KEY, exchanges, stream
from hexr_autoinst.model.facts import END_OF_TIME, Process, Tick
from hexr_autoinst.pipeline import Pipeline

# The places that a pipeline counts defects by, as rooms.
ROOMS = {
    "wire": "wire",
    "dissect": "dissect",
    "prices": "prices",
    "correlate": "correlate",
    "semconv": "semconv",
}


class Timed(Pipeline):
    """A pipeline with a watch at each room's door."""

    def __init__(self):
        super().__init__(SETTINGS, strict=True)
        self.spent = Counter()

    def _guard(self, place, room, _otherwise, *args, **named):
        began = time.perf_counter_ns()
        found = room(*args, **named)
        self.spent[place.partition(".")[0]] += time.perf_counter_ns() - began
        return found


def round_of(facts):
    """Nanoseconds of all, and by room, with as little of the watches in it as can be: their own time is taken off."""
    pipeline = Timed()
    pipeline.feed(Process(AT, "ebpf", KEY, None, "/usr/bin/python3", ("python3", "a.py")))
    pipeline.spent.clear()
    gc.collect()
    gc.freeze()
    began = time.perf_counter_ns()
    for fact in facts:
        pipeline.feed(fact)
    took = time.perf_counter_ns() - began
    spent = dict(pipeline.spent)
    pipeline.feed(Tick(END_OF_TIME))
    return took, spent


def measured(facts, bodies, units):
    """The round that took least: (µs in all, {room: µs}, µs of the baseline), each for one unit."""
    took, spent = min((round_of(facts) for _ in range(ROUNDS)), key=lambda r: r[0])
    base = min(parsed(bodies) for _ in range(ROUNDS))
    return took / units / 1e3, {room: ns / units / 1e3 for room, ns in spent.items()}, 1e6 * base / units


def cases():
    """(what, dialect, facts, bodies, units)."""
    for dialect in DIALECTS:
        yield "a JSON exchange", dialect.name, *exchanges(dialect, EXCHANGES), EXCHANGES
    for per_chunk, title in ((1, "an event"), (10, "an event, ten in a TLS record")):
        for dialect in DIALECTS:
            facts, bodies = stream(dialect, WORDS, per_chunk)
            yield title, dialect.name, facts, bodies, len(bodies)


def table():
    lines = [
        "| what | dialect | µs | " + " | ".join(ROOMS.values()) + " | pipeline | orjson.loads |",
        "|---|---|---|" + "---|" * (len(ROOMS) + 2),
    ]
    for what, name, facts, bodies, units in cases():
        took, spent, base = measured(facts, bodies, units)
        rooms = [spent.get(room, 0.0) for room in ROOMS]
        cells = [f"{us:.1f}" for us in (took, *rooms, took - sum(rooms))]
        lines.append(f"| {what} | {name} | {' | '.join(cells)} | {base:.2f} |")
    return lines


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true", help="write docs/performance.md")
    args = parser.parse_args()
    lines = table()
    print("\n".join(lines))
    if args.write:
        write("stages", "\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
