"""The daemon's word about itself, as measurements: what moved between two of its health reports. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from hexr_autoinst.semconv.metrics import Measurement

Health = Mapping[str, Any]


def measure_health(before: Health, now: Health) -> Iterator[Measurement]:
    """Counters by how much they grew, gauges as they stand. A report without an account says nothing of facts."""
    yield from _account(before.get("account") or {}, now.get("account") or {})
    yield from _libraries(now.get("camera") or {})


def _account(before: Health, now: Health) -> Iterator[Measurement]:
    if not now:
        return
    for name, instrument in (
        ("issued", "hexr.self.facts.issued"),
        ("told", "hexr.self.facts.told"),
        ("bytes", "hexr.self.bytes"),
    ):
        if grown := now.get(name, 0) - before.get(name, 0):
            yield Measurement(instrument, max(0, grown))
    for name, instrument, label in (
        ("ignored", "hexr.self.facts.ignored", "reason"),
        ("dropped", "hexr.self.facts.dropped", "place"),
        ("swallowed", "hexr.self.swallowed", "place"),
    ):
        old = before.get(name) or {}
        for key, total in (now.get(name) or {}).items():
            if total > old.get(key, 0):
                yield Measurement(instrument, total - old.get(key, 0), ((label, key),))
    yield Measurement("hexr.self.facts.open", now.get("open", 0))


def _libraries(camera: Health) -> Iterator[Measurement]:
    probes: Counter[str] = Counter()
    for one in camera.get("attached") or ():
        probes[str(one.get("library", "?"))] += int(one.get("probes", 0))
    refused = Counter(str(one.get("library", "?")) for one in camera.get("refused") or ())
    for library, n in probes.items():
        yield Measurement("hexr.self.probes", n, (("library", library),))
    for library, n in refused.items():
        yield Measurement("hexr.self.libraries.refused", n, (("library", library),))
