import json

from opentelemetry.exporter.otlp.json.common.trace_encoder import encode_spans

from hexr_autoinst.export.reading import Query
from hexr_autoinst.export.restore import restored
from hexr_autoinst.export.sqlite_reader import SqliteStore
from hexr_autoinst.export.store import StoreExporter
from tests.export.spans_for_tests import span


def test_a_span_leaves_the_store_as_it_came(tmp_path):
    told = span(
        5,
        6,
        7,
        error="429",
        text="slow down",
        links=[(8, 9)],
        events=["state"],
        attributes={"n": (1 << 62) + 1, "l": ("a", "b"), "f": 1.5, "b": False},
    )
    exporter = StoreExporter(tmp_path / "spans.db", 64, 365_000)
    exporter.export([told])
    (row,) = SqliteStore(tmp_path / "spans.db").spans(0, Query())
    exporter.shutdown()

    assert as_otlp(restored(row)) == as_otlp(told)


def as_otlp(one):
    return json.loads(json.dumps(encode_spans([one]).to_dict()))
