import pytest

from hexr_autoinst.errors import NoStore, StoreBroken
from hexr_autoinst.export.reading import Query
from hexr_autoinst.export.sqlite_reader import SqliteStore
from hexr_autoinst.export.store import StoreExporter
from tests.export.spans_for_tests import MS, NOW, invocation, span


@pytest.fixture
def store(tmp_path):
    exporter = StoreExporter(tmp_path / "spans.db", 64, 365_000)
    exporter.export(
        [
            span(0xA1, 2, 1, start=NOW, agent="analyst", model="gpt-4o"),
            invocation(0xA1, 1, start=NOW - MS, ms=2_000, agent="analyst"),
            span(0xA2, 2, start=NOW + 10_000 * MS, agent="writer", model="claude-sonnet-4", error="429"),
            span(0xB3, 2, start=NOW + 20_000 * MS, agent="writer", model="gpt-4o-mini", tenant="blue"),
        ]
    )
    yield SqliteStore(tmp_path / "spans.db")
    exporter.shutdown()


def ids(rows):
    return [int(r.trace_id, 16) for r in rows]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (Query(), [0xB3, 0xA2, 0xA1]),
        (Query(agent="writer"), [0xB3, 0xA2]),
        (Query(agent="w*"), [0xB3, 0xA2]),
        (Query(agent="W*"), []),
        (Query(model="gpt-*"), [0xB3, 0xA1]),
        (Query(model="gpt-4o"), [0xA1]),
        (Query(errors=True), [0xA2]),
        (Query(text="CLAUDE"), [0xA2]),
        (Query(text="writer blue"), [0xB3]),
        (Query(text="%"), []),
        (Query(text="' OR 1=1 --"), []),
        (Query(since_ns=NOW + 5_000 * MS), [0xB3, 0xA2]),
        (Query(limit=1, offset=1), [0xA2]),
    ],
)
def test_traces_are_filtered_and_the_last_to_move_is_first(store, query, expected):
    assert ids(store.traces(query)) == expected


def test_a_trace_is_its_spans_by_start_with_all_they_say(store):
    root, call = store.trace(f"{0xA1:032x}")

    assert (root.boundary, call.parent_id) == ("process", root.span_id)
    assert call.attributes["gen_ai.request.model"] == "gpt-4o"
    assert call.resource["service.name"] == "analyst"


def test_operations_since_a_place_leave_invocations_out(store):
    everything = store.spans(0, Query())
    assert ids(everything) == [0xA1, 0xA2, 0xB3]

    assert ids(store.spans(everything[1].seq, Query())) == [0xB3]
    assert ids(store.spans(0, Query(errors=True))) == [0xA2]
    assert len(store.spans(0, Query(invocations=True))) == 4
    assert store.newest() == 4


def test_the_last_operations_come_in_their_order(store):
    assert ids(store.last(Query(limit=2))) == [0xA2, 0xB3]


def test_a_trace_is_found_by_the_beginning_of_its_id(store):
    assert store.find("0" * 29) == [f"{n:032x}" for n in (0xA1, 0xA2, 0xB3)]
    assert store.find(f"{0xB3:032x}".upper()) == [f"{0xB3:032x}"]
    assert store.find("f") == []
    assert store.find("%") == []


def test_agents_have_totals(store):
    writer_blue, writer, analyst = store.agents()

    assert (writer_blue.tenant, writer.errors, analyst.calls, analyst.framework) == (
        "blue",
        1,
        1,
        "langgraph",
    )


def test_one_span(store):
    assert store.span(f"{0xA2:032x}", f"{2:016x}").error_type == "429"
    assert store.span(f"{0xA2:032x}", f"{9:016x}") is None


def test_health_that_was_never_told_is_empty(store):
    assert store.health() == {}


def test_what_is_no_store_is_an_error_with_a_sentence(tmp_path):
    (tmp_path / "x.db").write_bytes(b"no database " * 500)

    with pytest.raises(StoreBroken, match="x.db"):
        SqliteStore(tmp_path / "x.db").traces(Query())
    with pytest.raises(NoStore, match="start"):
        SqliteStore(tmp_path / "absent.db").traces(Query())
