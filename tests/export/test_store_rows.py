import json
from dataclasses import replace

from hexr_autoinst.export.store_rows import clean, record
from hexr_autoinst.export.store_schema import SPAN_COLUMNS
from tests.export.spans_for_tests import NOW, invocation, span


def test_a_row_holds_the_columns_and_every_attribute():
    found = record(span(5, 6, 7, complete=False, error="429", text="slow down"))
    row = found.row

    assert (row.trace_id, row.span_id, row.parent_id) == (f"{5:032x}", f"{6:016x}", f"{7:016x}")
    assert (row.status, row.status_text, row.error_type) == ("ERROR", "slow down", "429")
    assert (row.model, row.provider, row.finish, row.complete) == ("gpt-4o", "openai", "stop", False)
    assert json.loads(found.attributes)["hexr.capture.source"] == "ebpf"
    assert json.loads(found.resource)["service.name"] == "analyst"


def test_values_stand_in_the_order_of_the_columns():
    found = record(span(5, 6, 7))
    values = dict(zip(SPAN_COLUMNS, found.values(12), strict=True))

    assert (values["trace_id"], values["model"], values["resource"]) == (f"{5:032x}", "gpt-4o", 12)
    assert (values["attributes"], values["more"]) == (found.attributes, found.more)


def test_links_and_events_are_kept():
    more = json.loads(record(span(links=[(8, 9)], events=["state"])).more)

    assert more["links"][0]["trace_id"] == f"{8:032x}"
    assert more["events"] == [{"name": "state", "at": NOW, "attributes": {}}]


def test_a_root_is_an_invocation_and_no_call():
    totals = record(invocation(error="exit_code")).totals()

    assert (totals["root"], totals["call"], totals["error"], totals["failed"]) == (1, 0, 0, 1)
    assert totals["framework"] == "langgraph"


def test_a_comma_in_a_model_name_cannot_split_the_list():
    assert "," not in record(span(model="evil, gpt-4o")).totals()["model"]


def test_clean_text_is_left_alone():
    assert clean("Grüße 🎈") == "Grüße 🎈"


def test_a_tool_that_is_served_is_no_second_tool():
    row = record(span(attributes={"gen_ai.tool.name": "add"}))

    assert row.totals()["tool"] == 1
    assert replace(row, row=replace(row.row, kind="SERVER")).totals()["tool"] == 0
    assert row.row.title is None


def test_a_tool_is_counted_where_it_was_asked_for_and_not_where_it_is_carried_out():
    asked = record(span(5, 6, 7, attributes={"gen_ai.tool.name": "read"}))
    done = record(span(5, 8, 6, attributes={"gen_ai.tool.name": "read", "hexr.tool.within": True}))

    assert (asked.totals()["tool"], done.totals()["tool"]) == (1, 0)
