import json

from hexr_autoinst.export.store_rows import clean, record
from tests.export.spans_for_tests import NOW, invocation, span


def test_a_row_holds_the_columns_and_every_attribute():
    row, resource = record(span(5, 6, 7, complete=False, error="429", text="slow down"))

    assert (row.trace_id, row.span_id, row.parent_id) == (f"{5:032x}", f"{6:016x}", f"{7:016x}")
    assert (row.status, row.status_text, row.error_type) == ("ERROR", "slow down", "429")
    assert (row.model, row.provider, row.finish, row.complete) == ("gpt-4o", "openai", "stop", False)
    assert json.loads(row.attributes)["hexr.capture.source"] == "ebpf"
    assert json.loads(resource)["service.name"] == "analyst"


def test_links_and_events_are_kept():
    row, _ = record(span(links=[(8, 9)], events=["state"]))

    more = json.loads(row.more)
    assert more["links"][0]["trace_id"] == f"{8:032x}"
    assert more["events"] == [{"name": "state", "at": NOW, "attributes": {}}]


def test_a_root_is_an_invocation_and_no_call():
    row, resource = record(invocation(error="exit_code"))
    totals = row.totals(json.loads(resource))

    assert (totals["root"], totals["call"], totals["error"], totals["failed"]) == (1, 0, 0, 1)
    assert totals["framework"] == "langgraph"


def test_a_comma_in_a_model_name_cannot_split_the_list():
    row, resource = record(span(model="evil, gpt-4o"))

    assert "," not in row.totals(json.loads(resource))["model"]


def test_clean_text_is_left_alone():
    assert clean("Grüße 🎈") == "Grüße 🎈"
