"""Where the time of an exchange and of a streamed event goes, room by room, beside the bare `orjson.loads` of the same bodies.

  .venv/bin/python -m benchmarks.stages [--write]

Each call of the pipeline into a room is timed, in CPU time of this thread, and what the watches take themselves is taken off; what is left
is the pipeline's own: handing on, counting. `--write` puts the table into docs/performance.md.
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


_now = time.thread_time_ns
_TRIED = 20_000


class Timed(Pipeline):
    """A pipeline with a watch at each room's door."""

    def __init__(self):
        super().__init__(SETTINGS, strict=True)
        self.spent, self.looks = Counter(), Counter()

    def _guard(self, place, room, _otherwise, *args, **named):
        began = _now()
        found = room(*args, **named)
        room = place.partition(".")[0]
        self.spent[room] += _now() - began
        self.looks[room] += 1
        return found


def watch():
    """Nanoseconds that a watch adds to what it measures, and those that it adds around it."""
    costs = []
    for one in (Pipeline(SETTINGS, strict=True), timed := Timed()):
        began = _now()
        for _ in range(_TRIED):
            one._guard("wire", int, 0)  # noqa: SLF001 - the very door that is watched
        costs.append((_now() - began) / _TRIED)
    inside = timed.spent["wire"] / _TRIED
    return inside, max(0.0, costs[1] - costs[0] - inside)


def round_of(facts):
    """Nanoseconds of all, and by room."""
    pipeline = Timed()
    pipeline.feed(Process(AT, "ebpf", KEY, None, "/usr/bin/python3", ("python3", "a.py")))
    pipeline.spent.clear()
    pipeline.looks.clear()
    gc.collect()
    gc.freeze()
    began = _now()
    for fact in facts:
        pipeline.feed(fact)
    took = _now() - began
    inside, around = WATCH
    spent = {room: ns - inside * pipeline.looks[room] for room, ns in pipeline.spent.items()}
    took -= (inside + around) * pipeline.looks.total()
    pipeline.feed(Tick(END_OF_TIME))
    return took, spent


WATCH = watch()


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
