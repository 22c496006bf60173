import json

import pytest
from opentelemetry.exporter.otlp.json.file import FileSpanExporter

from hexr_autoinst.errors import NoExport
from hexr_autoinst.export.lines import requests, rows
from hexr_autoinst.semconv.spans import Style, to_span
from tests.semconv.told_for_tests import AGENT, INVOCATION, PLACE, PLACED, SEND, TALK, Placed


def written(path, *told):
    with path.open("w", encoding="utf-8") as file:
        FileSpanExporter(stream=file).export([to_span(t, Style()) for t in told])
    return path


def test_what_the_exporter_wrote_is_read_back_as_rows(tmp_path):
    path = written(tmp_path / "x.jsonl", PLACED, Placed(AGENT, PLACE, TALK, SEND), INVOCATION)
    model, send, root = (row for request in requests(path) for row in rows(request))

    assert (model.name, model.kind, model.model, model.input_tokens) == ("hexr.llm.chat", "CLIENT", "m", 10)
    assert (model.trace_id, model.parent_id) == (PLACED.place.trace_id, PLACED.place.parent_id)
    assert model.attributes["hexr.llm.cost_usd"] == 0.002
    assert model.attributes["gen_ai.response.finish_reasons"] == ["stop", "length"]
    assert (send.peer, send.title, send.agent) == ("10.0.0.9:8000", "send to 10.0.0.9:8000", "analyst")
    assert (root.boundary, root.kind, root.status) == ("process", "INTERNAL", "UNSET")
    assert root.end_ns - root.start_ns == INVOCATION.ended - INVOCATION.began


def test_enums_may_be_names_and_every_kind_of_value_is_read():
    values = [
        {"key": "d", "value": {"doubleValue": "1.5"}},
        {"key": "b", "value": {"bytesValue": "AAE="}},
        {"key": "m", "value": {"kvlistValue": {"values": [{"key": "x", "value": {"boolValue": True}}]}}},
        {"key": "n", "value": {}},
    ]
    span = {
        "traceId": "a", "spanId": "b", "kind": "SPAN_KIND_SERVER", "status": {"code": "STATUS_CODE_ERROR", "message": "no"},
        "startTimeUnixNano": "5", "endTimeUnixNano": "4", "attributes": values,
    }  # fmt: skip
    (row,) = rows({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]})

    assert (row.kind, row.status, row.status_text, row.end_ns, row.parent_id) == (
        "SERVER",
        "ERROR",
        "no",
        5,
        None,
    )
    assert row.attributes == {"d": 1.5, "b": b"\0\1", "m": {"x": True}, "n": ""}


@pytest.mark.parametrize("text", ["{", "[]", '{"a": 1}', "\xff"])
def test_a_line_that_is_none_is_named(tmp_path, text):
    path = tmp_path / "x.jsonl"
    path.write_bytes(b'\n{"resourceSpans": []}\n' + text.encode("latin-1"))

    with pytest.raises(NoExport):
        list(requests(path))


def test_a_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(NoExport, match="No such file"):
        list(requests(tmp_path / "none"))


@pytest.mark.parametrize("span", [{}, {"traceId": "a", "spanId": "b", "startTimeUnixNano": "x"}, "x"])
def test_a_span_that_is_none_is_said(span):
    with pytest.raises(NoExport, match="span"):
        list(rows(json.loads(json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}))))
