"""A dashboard's file drawn from Prometheus' answers, so that somebody can look at it: each panel by its type, unit, legend, thresholds and place.

It reads the same JSON as Grafana and is no Grafana: a picture shows that the queries, names and units make sense, not how Grafana lays them out.
"""

import html
import json
import math
import re
import time

from tests.dashboards.watched import substituted

COLUMN, LINE = 66, 32  # pixels of Grafana's grid
COLORS = (
    "#73bf69",
    "#f2cc0c",
    "#8ab8ff",
    "#ff780a",
    "#f2495c",
    "#b877d9",
    "#5794f2",
    "#fade2a",
    "#8f3bb8",
    "#56a64b",
    "#ffa6b0",
    "#c0d8ff",
)
NAMED = {
    "green": "#73bf69",
    "yellow": "#f2cc0c",
    "red": "#f2495c",
    "blue": "#5794f2",
    "orange": "#ff780a",
    "purple": "#b877d9",
}
MARGIN = 62
STYLE = """body{background:#111217;color:#ccccdc;font:12px Inter,Arial,sans-serif;margin:12px}h1{font-size:18px;font-weight:500}
.grid{position:relative}.panel{position:absolute;background:#181b1f;border:1px solid #2a2d33;border-radius:3px;box-sizing:border-box;padding:6px 8px;overflow:hidden}
.row{position:absolute;font-weight:600;padding:6px 2px}.title{font-weight:500;white-space:nowrap}.by{color:#7b8087;font-size:10px}.legend{font-size:10px;line-height:14px;overflow:hidden}
.legend b{display:inline-block;width:9px;height:3px;margin:0 4px 2px 0}.legend span{margin-right:9px;white-space:nowrap}.none{color:#f2495c}
.stats{display:flex;flex-wrap:wrap;gap:4px 16px;align-items:center;height:80%}.stats div{text-align:center;flex:1}.stats big{font-size:24px;display:block}
table{border-collapse:collapse;width:100%;font-size:10px}td,th{border-bottom:1px solid #2a2d33;text-align:left;padding:3px}svg{overflow:visible;margin-top:8px}text{fill:#9aa0a6;font-size:9px}"""


def shown(value, unit, decimals=None):
    """A number as Grafana's units write it."""
    if decimals is not None:
        return f"{value:.{decimals}f}"
    if math.isnan(value):
        return "NaN"
    if unit == "percentunit":
        return f"{value * 100:.3g} %"
    if unit == "s":
        return (
            f"{value * 1e6:.3g} µs"
            if 0 < value < 1e-3
            else f"{value * 1e3:.3g} ms"
            if 0 < value < 1
            else f"{value:.3g} s"
        )
    if unit == "bytes":
        for size, word in ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")):
            if value >= size:
                return f"{value / size:.3g} {word}"
    return f"{value:.3g}{' ops/s' if unit == 'ops' else ''}"


def named(legend, labels):
    return re.sub(r"{{\s*(\w+)\s*}}", lambda m: str(labels.get(m[1], "")), legend)


def page(document, prometheus, seconds=60):
    """The whole dashboard as one HTML page without a script."""
    parts, bottom = [], 0
    for panel in document["panels"]:
        place = panel["gridPos"]
        x, y, w, h = place["x"] * COLUMN, place["y"] * LINE, place["w"] * COLUMN - 6, place["h"] * LINE - 6
        bottom = max(bottom, y + h)
        if panel["type"] == "row":
            parts.append(
                f'<div class="row" style="left:{x}px;top:{y}px">▾ {html.escape(panel["title"])}</div>'
            )
            continue
        inside = DRAWN[panel["type"]](panel, answers(panel, prometheus, seconds), w - 18, h - 54)
        by = panel["description"].rpartition("Fed by: ")[2].rstrip(".")
        parts.append(
            f'<div class="panel" style="left:{x}px;top:{y}px;width:{w}px;height:{h}px" title="{html.escape(panel["description"])}">'
            f'<div class="title">{html.escape(panel["title"])} <span class="by">{html.escape(by)}</span></div>{inside}</div>'
        )
    title = html.escape(document["title"])
    return f'<!doctype html><meta charset="utf-8"><title>{title}</title><style>{STYLE}</style><h1>{title}</h1><div class="grid" style="height:{bottom}px">{"".join(parts)}</div>'


def answers(panel, prometheus, seconds):
    """(name, labels, points) of every series, an instant answer being one point."""
    found = []
    for target in panel["targets"]:
        expr = substituted(target["expr"])
        if target["instant"]:
            series = [(m, [(time.time(), v)]) for m, v in prometheus.instant(expr)]
        else:
            series = prometheus.over(expr, seconds)
        found += [
            (named(target["legendFormat"], m), m, [p for p in points if not math.isnan(p[1])])
            for m, points in series
        ]
    return [f for f in found if f[2]] if panel["type"] != "table" else found


def color_of(panel, value):
    at = NAMED["green"]
    for step in panel["fieldConfig"]["defaults"]["thresholds"]["steps"]:
        if step["value"] is None or value >= step["value"]:
            at = NAMED[step["color"]]
    return at


def line_color(panel, n, name):
    """The color of a series: the last override that its name meets, else its turn."""
    color = COLORS[n % len(COLORS)]
    for override in panel["fieldConfig"]["overrides"]:
        if re.search(override["matcher"]["options"].strip("/"), name):
            color = NAMED[override["properties"][0]["value"]["fixedColor"]]
    return color


def legend(panel, found):
    return (
        '<div class="legend">'
        + "".join(
            f'<span><b style="background:{line_color(panel, n, name)}"></b>{html.escape(name)}</span>'
            for n, (name, _, _) in enumerate(found)
        )
        + "</div>"
    )


def axes(low, high, unit, w, h, times):
    lines = []
    for n in range(4):
        y = h - n * h / 3
        lines.append(
            f'<line x1="{MARGIN}" x2="{w}" y1="{y:.1f}" y2="{y:.1f}" stroke="#2a2d33"/><text x="{MARGIN - 4}" y="{y + 3:.1f}" text-anchor="end">{shown(low + n * (high - low) / 3, unit)}</text>'
        )
    for n in range(3):
        at = times[0] + n * (times[1] - times[0]) / 2
        lines.append(
            f'<text x="{MARGIN + n * (w - MARGIN) / 2:.0f}" y="{h + 12}" text-anchor="{("start", "middle", "end")[n]}">{time.strftime("%H:%M:%S", time.gmtime(at))}</text>'
        )
    return "".join(lines)


def timeseries(panel, found, w, h):
    if not found:
        return '<p class="none">No data</p>'
    defaults = panel["fieldConfig"]["defaults"]
    stacked = defaults["custom"]["stacking"]["mode"] == "normal"
    h -= 14 * (1 + sum(len(n) + 4 for n, _, _ in found) * 6 // w) + 12
    drawn, base = [], {}
    for name, labels, points in found:
        heaped = [(at, v + (base.get(at, 0) if stacked else 0)) for at, v in points]
        base |= dict(heaped)
        drawn.append((name, labels, heaped))
    every = [v for _, _, points in drawn for _, v in points]
    low, high = min(0, *every), max(every) * 1.05 or 1
    begin, end = min(p[0][0] for _, _, p in drawn), max(p[-1][0] for _, _, p in drawn)
    lines = []
    for n, (name, _, points) in enumerate(drawn):
        path = " ".join(
            f"{MARGIN + (at - begin) / max(1, end - begin) * (w - MARGIN):.1f},{h - (v - low) / (high - low) * h:.1f}"
            for at, v in points
        )
        color = line_color(panel, n, name)
        lines.append(f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="1.5"/>')
        if len(points) == 1:
            x, y = path.split(",")
            lines.append(f'<circle cx="{x}" cy="{y}" r="2" fill="{color}"/>')
    return f'<svg width="{w}" height="{h + 16}">{axes(low, high, defaults["unit"], w, h, (begin, end))}{"".join(lines)}</svg>{legend(panel, drawn)}'


def heatmap(panel, found, w, h):
    if not found:
        return '<p class="none">No data</p>'
    bounds = sorted(found, key=lambda f: float(f[1]["le"].replace("+Inf", "inf")))
    times = sorted({at for _, _, points in bounds for at, _ in points})
    h -= 14
    cumulative = [dict(points) for _, _, points in bounds]
    cells = [
        [max(0, one.get(at, 0) - (before.get(at, 0) if before else 0)) for at in times]
        for one, before in zip(cumulative, [None, *cumulative], strict=False)
    ]
    most = max(max(row) for row in cells) or 1
    drawn, high, wide = [], h / len(bounds), (w - MARGIN) / len(times)
    for n, row in enumerate(cells):
        y = h - (n + 1) * high
        drawn += [
            f'<rect x="{MARGIN + k * wide:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{high:.1f}" fill="#ff780a" fill-opacity="{v / most:.2f}"/>'
            for k, v in enumerate(row)
            if v
        ]
        if n % 2 == 0:
            le = bounds[n][1]["le"]
            drawn.append(
                f'<text x="{MARGIN - 4}" y="{y + 6:.1f}" text-anchor="end">{le if le == "+Inf" else shown(float(le), "s")}</text>'
            )
    return f'<svg width="{w}" height="{h + 16}">{"".join(drawn)}<text x="{MARGIN}" y="{h + 12}">{time.strftime("%H:%M:%S", time.gmtime(times[0]))}</text><text x="{w}" y="{h + 12}" text-anchor="end">{time.strftime("%H:%M:%S", time.gmtime(times[-1]))}</text></svg>'


def stat(panel, found, w, h):
    unit = panel["fieldConfig"]["defaults"]["unit"]
    if not found:
        return '<p class="none">No data</p>'
    decimals = panel["fieldConfig"]["defaults"].get("decimals")
    colored = panel["fieldConfig"]["defaults"]["color"]["mode"] == "thresholds"
    return (
        '<div class="stats">'
        + "".join(
            f'<div>{html.escape(name)}<big style="color:{color_of(panel, p[-1][1]) if colored else line_color(panel, n, name)}">{shown(p[-1][1], unit, decimals)}</big></div>'
            for n, (name, _, p) in enumerate(found)
        )
        + "</div>"
    )


def gauge(panel, found, w, h):
    if not found:
        return '<p class="none">No data</p>'
    defaults, each = panel["fieldConfig"]["defaults"], w / len(found)
    parts = []
    for n, (name, _, points) in enumerate(found):
        value, r = points[-1][1], min(each / 2 - 14, h - 46)
        x, y = each * (n + 0.5), r + 14
        share = min(1, max(0, (value - defaults["min"]) / (defaults["max"] - defaults["min"])))
        arc = lambda a, b, color, width, radius, x=x, y=y: (  # noqa: E731
            f'<path d="M{x - radius * math.cos(math.pi * a):.1f},{y - radius * math.sin(math.pi * a):.1f} A{radius:.1f},{radius:.1f} 0 0 1 '
            f'{x - radius * math.cos(math.pi * b):.1f},{y - radius * math.sin(math.pi * b):.1f}" fill="none" stroke="{color}" stroke-width="{width}"/>'
        )
        parts.append(
            arc(0, 1, "#2a2d33", 14, r) + (arc(0, share, color_of(panel, value), 14, r) if share else "")
        )
        steps = defaults["thresholds"]["steps"]
        ends = [*(s["value"] or 0 for s in steps), defaults["max"]]
        parts += [
            arc(a, b, NAMED[s["color"]], 3, r + 10) for s, a, b in zip(steps, ends, ends[1:], strict=False)
        ]
        parts.append(
            f'<text x="{x:.0f}" y="{y - 6:.0f}" text-anchor="middle" style="font-size:20px;fill:{color_of(panel, value)}">{shown(value, defaults["unit"])}</text><text x="{x:.0f}" y="{y + 14:.0f}" text-anchor="middle">{html.escape(name)}</text>'
        )
    return f'<svg width="{w}" height="{h + 16}">{"".join(parts)}</svg>'


def bargauge(panel, found, w, h):
    if not found:
        return '<p class="none">No data</p>'
    unit, most = panel["fieldConfig"]["defaults"]["unit"], max(p[-1][1] for _, _, p in found) or 1
    high = min(26, h / len(found))
    decimals = panel["fieldConfig"]["defaults"].get("decimals")
    colored = panel["fieldConfig"]["defaults"]["color"]["mode"] == "thresholds"
    bars = [
        f'<text x="150" y="{n * high + high / 2 + 3:.0f}" text-anchor="end">{html.escape(name)}</text><rect x="156" y="{n * high + 3:.0f}" width="{(w - 210) * p[-1][1] / most:.0f}" height="{high - 6:.0f}" fill="{color_of(panel, p[-1][1]) if colored else line_color(panel, n, name)}"/>'
        f'<text x="{w}" y="{n * high + high / 2 + 3:.0f}" text-anchor="end">{shown(p[-1][1], unit, decimals)}</text>'
        for n, (name, _, p) in enumerate(found)
    ]
    return f'<svg width="{w}" height="{h + 16}">{"".join(bars)}</svg>'


def table(panel, found, w, h):
    if not found:
        return '<p class="none">No data</p>'
    decimals = panel["fieldConfig"]["defaults"].get("decimals")
    names = sorted({name for _, labels, _ in found for name in labels})
    renamed = panel["transformations"][0]["options"]["renameByName"]
    head = "".join(f"<th>{html.escape(n)}</th>" for n in [*names, renamed.get("Value", "Value")])
    rows = sorted(found, key=lambda f: -f[2][-1][1])
    return (
        f"<table><tr>{head}</tr>"
        + "".join(
            "<tr>"
            + "".join(f"<td>{html.escape(labels.get(n, ''))}</td>" for n in names)
            + f"<td>{shown(p[-1][1], 'short', decimals)}</td></tr>"
            for _, labels, p in rows
        )
        + "</table>"
    )


DRAWN = {
    "timeseries": timeseries,
    "heatmap": heatmap,
    "stat": stat,
    "gauge": gauge,
    "bargauge": bargauge,
    "table": table,
}


def drawn(path, prometheus, seconds=60):
    """The page of the dashboard in this file."""
    return page(json.loads(path.read_text(encoding="utf-8")), prometheus, seconds)
