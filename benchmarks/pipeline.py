"""What the teller's pure path costs, from a fact to a span, beside the bare `orjson.loads` of the same bodies in the same run.

  .venv/bin/python -m benchmarks.pipeline [--corpus FILE] [--memory] [--write]      CPU time of this process, the best of some rounds
  .venv/bin/python -m benchmarks.pipeline --profile exchange|event|events           where it goes

`--corpus`: recorded traffic (HAR or a recording of ours), read before the clock runs. `--memory` takes some minutes. `--write` puts the
table into docs/performance.md.
"""

import argparse
import cProfile
import gc
import pstats
import sys
import time
import tracemalloc
from collections import Counter
from pathlib import Path

import orjson

from benchmarks.page import write
from benchmarks.traffic import AT, DIALECTS, KEY, exchanges, stream
from hexr_autoinst.capture import replay
from hexr_autoinst.config import Config, Session
from hexr_autoinst.model.facts import END_OF_TIME, Process, Tick
from hexr_autoinst.pipeline import Pipeline
from hexr_autoinst.settings import settings

# One for all rounds: the list of prices is loaded once, and a model's rates are looked up in the first round, which never is the best.
SETTINGS = settings(Config(), Session(0, "00" * 16, "11" * 16, "bench"))
ROUNDS = 7
EXCHANGES, WORDS = 500, 2000
STREAMS, LENGTH, PER_CHUNK = 1000, 10_000, 10
BUDGET = {"exchange": 12.0, "event": 8.0, "corpus": 0.34, "memory": 64.0}


def fresh():
    pipeline = Pipeline(SETTINGS, strict=True)
    pipeline.feed(Process(AT, "ebpf", KEY, None, "/usr/bin/python3", ("python3", "a.py")))
    return pipeline


def told(facts):
    """CPU seconds of feeding them all."""
    pipeline = fresh()
    gc.collect()
    gc.freeze()  # as the teller does: what start-up made lives as long as we do
    began = time.process_time()
    for fact in facts:
        pipeline.feed(fact)
    took = time.process_time() - began
    pipeline.feed(Tick(END_OF_TIME))
    if not pipeline.account.balanced:
        raise SystemExit(f"the account does not hold: {pipeline.account.as_dict()}")
    return took


def parsed(bodies):
    """CPU seconds of what nobody can do without: reading the JSON."""
    loads, repeat = orjson.loads, 1 + 200_000 // sum(map(len, bodies))
    began = time.process_time()
    for _ in range(repeat):
        for body in bodies:
            loads(body)
    return (time.process_time() - began) / repeat


def compared(cases):
    """Rounds in turn, the best of each: {name: (seconds, baseline)}."""
    rounds = [[(told(facts), parsed(bodies)) for facts, bodies, _ in cases.values()] for _ in range(ROUNDS)]
    best = [tuple(min(r[n][side] for r in rounds) for side in (0, 1)) for n in range(len(cases))]
    return dict(zip(cases, best, strict=True))


def cases():
    """{(what, dialect): (facts, bodies, units)}."""
    found = {}
    for dialect in DIALECTS:
        found["exchange", "a JSON exchange", dialect.name] = (*exchanges(dialect, EXCHANGES), EXCHANGES)
    for per_chunk, title in (
        (1, "an event, each in a TLS record of its own"),
        (10, "an event, ten in a TLS record"),
    ):
        for dialect in DIALECTS:
            facts, bodies = stream(dialect, WORDS, per_chunk)
            found["event", title, dialect.name] = (facts, bodies, len(bodies))
    return found


def table():
    lines = [
        "| what | dialect | bytes of JSON | µs | orjson.loads µs | ratio | budget |",
        "|---|---|---|---|---|---|---|",
    ]
    todo = cases()
    for (kind, title, name), (took, base) in compared(todo).items():
        _, bodies, units = todo[kind, title, name]
        size = sum(map(len, bodies)) / units
        lines.append(
            f"| {title} | {name} | {size:.0f} | {1e6 * took / units:.1f} | {1e6 * base / units:.2f} "
            f"| {took / base:.1f}× | {verdict(took / base, kind)} |"
        )
    return lines


def verdict(found, kind):
    return f"{BUDGET[kind]:g}, {'held' if found <= BUDGET[kind] else 'NOT HELD'}"


def corpus(path):
    """Milliseconds for each recorded exchange."""
    if path is None:
        return "Recorded traffic: not measured, since no file was given (`--corpus`)."
    skipped = Counter()
    facts = [f for f in replay.read(path, skipped) if not isinstance(f, Tick)]
    count = len({f.flow for f in facts if hasattr(f, "flow")})
    best = 1e3 * min(told(facts) for _ in range(ROUNDS)) / count
    return f"Recorded traffic, {count} exchanges of every vendor: {best:.3f} ms an exchange (budget {verdict(best, 'corpus')})."


def memory(streams, length):
    """KB that one of many open streams holds, at a tenth of its length and at all of it."""
    columns = [stream(DIALECTS[0], length, PER_CHUNK, n)[0] for n in (0,)]
    parts = columns[0][:-2]  # all but the end of the answer and the end of the connection
    pipeline = fresh()
    marks = {}
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for place, fact in enumerate(parts):
        for n in range(streams):
            pipeline.feed(
                type(fact)(
                    fact.at, fact.source, fact.conn._replace(handle=n), fact.direction, fact.seq, fact.data
                )
            )
        if place in (len(parts) // 10, len(parts) - 1):
            gc.collect()
            marks[place * PER_CHUNK] = (tracemalloc.get_traced_memory()[0] - before) / streams / 1024
    tracemalloc.stop()
    said = ", ".join(f"{kb:.1f} KB after {events} events" for events, kb in marks.items())
    return f"Memory of an open stream, {streams} at once: {said} (budget {verdict(max(marks.values()), 'memory')})."


def profiled(what):
    facts = {
        "exchange": lambda: exchanges(DIALECTS[0], 1000)[0],
        "event": lambda: stream(DIALECTS[0], 20_000)[0],
        "events": lambda: stream(DIALECTS[0], 20_000, 10)[0],
    }[what]()
    told(facts)
    profile = cProfile.Profile(time.process_time)  # of this process alone, whoever else is at work
    profile.runcall(told, facts)
    pstats.Stats(profile).sort_stats("tottime").print_stats(35)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--corpus", type=Path, help="a HAR or a recording whose exchanges are fed")
    parser.add_argument("--memory", action="store_true", help=f"measure {STREAMS} streams of {LENGTH} events")
    parser.add_argument("--write", action="store_true", help="write docs/performance.md")
    parser.add_argument("--profile", choices=("exchange", "event", "events"))
    args = parser.parse_args()
    if args.profile:
        profiled(args.profile)
        return 0
    lines = [*table(), "", corpus(args.corpus)]
    if args.memory:
        lines += ["", memory(STREAMS, LENGTH)]
    print("\n".join(lines))
    if args.write:
        write("pipeline", "\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
