"""What a dashboard is made of, and the one notation of its queries. Nouns and a reader of the notation; no panel and no JSON.

In a query `<hexr.vault.operations>` stands for a metric of ours under the name and with the labels that the endpoint really exposes, narrowed to
the chosen agents and tenants; `<name:bucket>` for one of a histogram's samples; `<name|to="failed">` narrows further. Of somebody else's
metrics the names stand as they are.
"""

import re
from dataclasses import dataclass
from typing import Final, Literal

from hexr_autoinst.export.prometheus import label_name, sample_name
from hexr_autoinst.semconv.instruments import INSTRUMENTS

OURS: Final = "hexr-autoinst"
Kind = Literal["stat", "timeseries", "gauge", "bargauge", "heatmap", "table"]
# What the variables narrow. The daemon's word about itself is nobody's.
_WHO: Final = 'agent=~"$agent",tenant=~"$tenant"'
_NOTATION: Final = re.compile(r"<([a-z0-9_.]+)(?::(bucket|sum|count))?(?:\|([^>]+))?>")
_LABEL: Final = re.compile(r"([a-z_]+)\s*[=!]")


@dataclass(frozen=True, slots=True)
class Query:
    """One query and how its series are called."""

    expr: str
    legend: str


@dataclass(frozen=True, slots=True)
class Panel:
    """`source`: where the fact comes from, in a sentence or two. `fed_by`: the component whose metric it is. `steps`: (from, color).

    `colors`: (a part of a series' name, color): what went wrong is red wherever it stands. `whole`: numbers of things have no decimals.
    """

    title: str
    kind: Kind
    unit: str
    source: str
    queries: tuple[Query, ...]
    fed_by: str = OURS
    steps: tuple[tuple[float, str], ...] = ()
    least: float | None = None
    most: float | None = None
    width: int = 8
    stacked: bool = False
    whole: bool = False
    colors: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """Panels under one title."""

    title: str
    panels: tuple[Panel, ...]


@dataclass(frozen=True, slots=True)
class Dashboard:
    """`uid` is also its file's name: an import replaces what has the same."""

    uid: str
    title: str
    description: str
    rows: tuple[Row, ...]

    @property
    def panels(self) -> tuple[Panel, ...]:
        """All of them, in order."""
        return tuple(p for row in self.rows for p in row.panels)


def promql(expr: str) -> str:
    """The query in Prometheus' own words. An unknown metric or label is a KeyError: it would be a panel without data."""
    return _NOTATION.sub(_metric, expr)


def metrics(expr: str) -> set[str]:
    """Our metrics that a query asks for."""
    return {found[1] for found in _NOTATION.finditer(expr)}


def _metric(found: re.Match[str]) -> str:
    spec, sample, more = INSTRUMENTS[found[1]], found[2], found[3] or ""
    if (spec.kind == "histogram") is not bool(sample):
        raise KeyError(f"{spec.name}: of a histogram, and of nothing else, a sample must be named")
    known = {"agent", "tenant", *map(label_name, spec.labels)}
    if unknown := set(_LABEL.findall(more)) - known:
        raise KeyError(f"{spec.name} has no label {', '.join(sorted(unknown))}")
    name = sample_name(spec) + (f"_{sample}" if sample else "")
    own = "" if spec.name.startswith("hexr.self.") else _WHO
    inside = ",".join(part for part in (own, more) if part)
    return f"{name}{{{inside}}}" if inside else name
