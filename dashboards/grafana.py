"""A dashboard as Grafana's JSON: layout and the words of its schema. Pure; knows no panel.

https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/
"""

from collections.abc import Iterator
from typing import Any, Final

from dashboards.panel import Dashboard, Panel, Query, promql

SCHEMA: Final = 39  # Grafana 11's; older files are migrated when they are read, and newer programs read it
_WIDE: Final = 24
_HIGH: Final = 8
_SOURCE: Final = {"type": "prometheus", "uid": "${datasource}"}
_KNOWN_BY: Final = '{__name__=~"hexr_agent_active|hexr_connection_opened_total"'


def to_json(dashboard: Dashboard) -> dict[str, Any]:
    """The whole document."""
    return {
        "uid": dashboard.uid,
        "title": dashboard.title,
        "description": dashboard.description,
        "tags": ["hexr-autoinst"],
        "schemaVersion": SCHEMA,
        "version": 1,
        "editable": True,
        "graphTooltip": 1,
        "refresh": "30s",
        "time": {"from": "now-1h", "to": "now"},
        "timezone": "browser",
        "links": [
            {"title": "hexr dashboards", "type": "dashboards", "tags": ["hexr-autoinst"], "asDropdown": False, "includeVars": True, "keepTime": True}
        ],
        "annotations": {"list": []},
        "templating": {"list": list(_variables())},
        "panels": list(_panels(dashboard)),
    }  # fmt: skip


def _variables() -> Iterator[dict[str, Any]]:
    yield {
        "name": "datasource",
        "label": "Prometheus",
        "type": "datasource",
        "query": "prometheus",
        "current": {},
        "hide": 0,
    }
    for name, label, more in (("tenant", "Tenant", ""), ("agent", "Agent", ',tenant=~"$tenant"')):
        query = f"label_values({_KNOWN_BY}{more}}}, {name})"
        yield {
            "name": name,
            "label": label,
            "type": "query",
            "datasource": _SOURCE,
            "definition": query,
            "query": {"qryType": 1, "query": query, "refId": name},
            "refresh": 2,
            "sort": 1,
            "multi": True,
            "includeAll": True,
            "allValue": ".*",
            "current": {"selected": True, "text": ["All"], "value": ["$__all"]},
        }


def _panels(dashboard: Dashboard) -> Iterator[dict[str, Any]]:
    number, top = 1, 0
    for row in dashboard.rows:
        yield {
            "id": number,
            "type": "row",
            "title": row.title,
            "collapsed": False,
            "panels": [],
            "gridPos": _place(0, top, _WIDE, 1),
        }
        number, left, top = number + 1, 0, top + 1
        for panel in row.panels:
            if left + panel.width > _WIDE:
                left, top = 0, top + _HIGH
            yield _panel(panel, number, _place(left, top, panel.width, _HIGH))
            number, left = number + 1, left + panel.width
        top += _HIGH


def _place(x: int, y: int, w: int, h: int) -> dict[str, int]:
    return {"x": x, "y": y, "w": w, "h": h}


def _panel(panel: Panel, number: int, place: dict[str, int]) -> dict[str, Any]:
    return {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "description": f"{panel.source}\n\nFed by: {panel.fed_by}.",
        "datasource": _SOURCE,
        "gridPos": place,
        "targets": [_target(panel, query, chr(65 + n)) for n, query in enumerate(panel.queries)],
        "fieldConfig": {"defaults": _defaults(panel), "overrides": list(_overrides(panel))},
        "options": _OPTIONS[panel.kind],
        **({"transformations": _TABLE} if panel.kind == "table" else {}),
    }


def _target(panel: Panel, query: Query, ref: str) -> dict[str, Any]:
    over_time = panel.kind in ("timeseries", "heatmap")
    return {
        "refId": ref,
        "datasource": _SOURCE,
        "expr": promql(query.expr),
        "legendFormat": query.legend,
        "editorMode": "code",
        "range": over_time,
        "instant": not over_time,
        "exemplar": over_time and ":bucket" in query.expr,
        "format": panel.kind if panel.kind in ("heatmap", "table") else "time_series",
    }


def _overrides(panel: Panel) -> Iterator[dict[str, Any]]:
    for part, color in panel.colors:
        fixed = {"id": "color", "value": {"mode": "fixed", "fixedColor": color}}
        yield {"matcher": {"id": "byRegexp", "options": f"/{part}/"}, "properties": [fixed]}


def _defaults(panel: Panel) -> dict[str, Any]:
    steps = [{"value": None if n == 0 else at, "color": color} for n, (at, color) in enumerate(panel.steps)]
    found: dict[str, Any] = {
        "unit": panel.unit,
        "color": {"mode": "thresholds" if steps and panel.kind != "timeseries" else "palette-classic"},
        "thresholds": {"mode": "absolute", "steps": steps or [{"value": None, "color": "green"}]},
    }
    if panel.whole:
        found["decimals"] = 0
    if panel.kind == "timeseries":
        found["custom"] = {
            "fillOpacity": 20 if panel.stacked else 8,
            "lineWidth": 1,
            "showPoints": "auto",
            "stacking": {"mode": "normal" if panel.stacked else "none"},
            "thresholdsStyle": {"mode": "dashed" if steps else "off"},
        }
    ends = {"min": panel.least, "max": panel.most}
    return found | {name: value for name, value in ends.items() if value is not None}


_REDUCE: Final = {"calcs": ["lastNotNull"], "fields": "", "values": False}
_OPTIONS: Final[dict[str, dict[str, Any]]] = {
    "timeseries": {"legend": {"displayMode": "list", "placement": "bottom", "showLegend": True}, "tooltip": {"mode": "multi", "sort": "desc"}},
    "stat": {"reduceOptions": _REDUCE, "colorMode": "value", "graphMode": "none", "textMode": "value_and_name", "wideLayout": True},
    "gauge": {"reduceOptions": _REDUCE, "showThresholdLabels": False, "showThresholdMarkers": True},
    "bargauge": {"reduceOptions": _REDUCE, "displayMode": "basic", "orientation": "horizontal", "showUnfilled": True},
    "heatmap": {"calculate": False, "yAxis": {"unit": "s"}, "color": {"mode": "scheme", "scheme": "Oranges"}, "tooltip": {"mode": "single"}, "legend": {"show": True}},
    "table": {"showHeader": True, "sortBy": [{"displayName": "messages", "desc": True}]},
}  # fmt: skip
_TABLE: Final = [
    {"id": "organize", "options": {"excludeByName": {"Time": True}, "renameByName": {"Value": "messages"}}}
]
