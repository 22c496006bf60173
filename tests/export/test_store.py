import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from opentelemetry.sdk.trace.export import SpanExportResult

from hexr_autoinst.errors import NoStore, StateUnwritable, StoreUnreadable
from hexr_autoinst.export.reading import Query
from hexr_autoinst.export.sqlite_reader import SqliteStore
from hexr_autoinst.export.store import StoreExporter
from tests.export.spans_for_tests import MS, NOW, invocation, span

ROOT = Path(__file__).parents[2]
DAY = 86_400_000 * MS


@pytest.fixture
def path(tmp_path):
    return tmp_path / "store" / "spans.db"


@pytest.fixture
def store(path):
    exporter = StoreExporter(path, 64, 365_000)
    yield exporter
    exporter.shutdown()


def test_a_batch_can_be_read_at_once(store, path):
    assert store.export([span(), invocation()]) is SpanExportResult.SUCCESS

    (trace,) = SqliteStore(path).traces(Query())
    assert (trace.agent, trace.models, trace.calls, trace.spans, trace.rooted) == (
        "analyst",
        "gpt-4o",
        1,
        2,
        True,
    )
    assert (trace.input_tokens, trace.output_tokens, trace.first_chunk_s) == (100, 20, 0.25)
    assert trace.name == "hexr.agent.invoke"


def test_a_span_told_twice_is_kept_and_counted_once(store, path):
    store.export([span()])
    store.export([span(), span(number=3)])

    (trace,) = SqliteStore(path).traces(Query())
    assert (trace.spans, trace.calls, trace.input_tokens) == (2, 2, 200)
    assert SqliteStore(path).agents()[0].calls == 2


def test_an_invocation_adds_nothing_to_the_totals_of_its_calls(store, path):
    store.export([span(error="429"), invocation(error="exit_code")])

    (trace,) = SqliteStore(path).traces(Query())
    assert (trace.calls, trace.errors, trace.failed) == (1, 1, True)


def test_the_models_of_a_trace_are_listed_once_each(store, path):
    store.export([span(number=n, model=m) for n, m in enumerate(("gpt-4o", "gpt-4", "gpt-4o", "gpt-4"), 2)])

    assert SqliteStore(path).traces(Query())[0].models == "gpt-4o, gpt-4"


def test_text_that_is_no_utf8_and_numbers_that_are_none_are_stored(store, path):
    hostile = span(model="a\ud800b\0c", attributes={"x": float("nan"), "gen_ai.usage.input_tokens": 1 << 80})

    assert store.export([hostile]) is SpanExportResult.SUCCESS
    (found,) = SqliteStore(path).spans(0, Query())
    assert (found.model, found.attributes["x"]) == ("a?b\ufffdc", "nan")
    assert found.input_tokens == (1 << 63) - 1


def test_health_is_the_newest_word(store, path):
    store.put_health({"account": {"issued": 1}, "planes": {}})
    store.put_health({"account": {"issued": 2}})

    health = SqliteStore(path).health()
    assert (health["account"], health["planes"]) == ({"issued": 2}, {})
    assert abs(health["at"] - time.time_ns()) < 5_000 * MS


def test_health_does_not_wait_for_a_batch(store):
    with store._lock:
        store.put_health({"account": {}})

    assert store.missed_health == 1


def files(path: Path) -> int:
    return sum(p.stat().st_size for p in path.parent.iterdir())


def test_the_size_is_bounded_and_the_oldest_traces_go_first(path):
    store = StoreExporter(path, 4, 365_000)
    biggest = 0
    for batch in range(60):
        spans = [
            span(batch * 100 + n, 2, start=NOW + (batch * 100 + n) * MS, attributes={"pad": "x" * 3_000})
            for n in range(1, 80)
        ]
        assert store.export(spans) is SpanExportResult.SUCCESS
        biggest = max(biggest, files(path))

    kept = SqliteStore(path).traces(Query(limit=10_000))
    store.shutdown()
    assert biggest < 4 << 20
    assert 100 < len(kept) < 60 * 79
    assert kept[0].trace_id == f"{59 * 100 + 79:032x}"
    newest = [59 * 100 + 79 - n for n in range(79)]
    assert [int(t.trace_id, 16) for t in kept[:79]] == newest


def test_one_trace_larger_than_the_store_does_not_break_it(path):
    store = StoreExporter(path, 2, 365_000)
    for n in range(8):
        batch = [span(1, n * 100 + i + 1, attributes={"pad": "x" * 5_000}) for i in range(100)]
        assert store.export(batch) is SpanExportResult.SUCCESS
    assert store.export([span(2, 1)]) is SpanExportResult.SUCCESS

    assert f"{2:032x}" in [t.trace_id for t in SqliteStore(path).traces(Query())]
    store.shutdown()
    assert files(path) < 3 << 20


def test_traces_older_than_the_bound_are_forgotten(path):
    store = StoreExporter(path, 64, 2)
    now = time.time_ns()
    store.export([span(1, 2, agent="old", start=now - 3 * DAY), span(2, 2, start=now)])

    reader = SqliteStore(path)
    assert [t.trace_id for t in reader.traces(Query())] == [f"{2:032x}"]
    assert [a.agent for a in reader.agents()] == ["analyst"]
    assert reader.trace(f"{1:032x}") == []
    store.shutdown()


WRITER = textwrap.dedent("""
    import sys
    from pathlib import Path
    from hexr_autoinst.export.store import StoreExporter
    from tests.export.spans_for_tests import span
    store = StoreExporter(Path(sys.argv[1]), 64, 365_000)
    first, batch = int(sys.argv[2]), 0
    while True:
        batch += 1
        store.export([span(first + batch, n) for n in range(1, 51)])
        print(batch, flush=True)
""")


def killed_writer(path: Path, batches: int, first: int = 0) -> int:
    """Start a writer, kill it -9 in the midst; the number of the last batch that it said was in."""
    command = [sys.executable, "-c", WRITER, path, str(first)]
    writer = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    last = 0
    while last < batches:
        last = int(writer.stdout.readline())
    time.sleep(0.003)
    writer.send_signal(signal.SIGKILL)
    rest = writer.communicate()[0].split()
    return int(rest[-1]) if rest else last


def test_after_kill_9_every_batch_that_was_in_is_whole(path):
    said = killed_writer(path, 20)

    before = SqliteStore(path).traces(Query(limit=10_000))  # nobody has the store open
    again = StoreExporter(path, 64, 365_000)
    after = SqliteStore(path).traces(Query(limit=10_000))
    again.export([span(1 << 100, 1)])

    assert before == after
    assert len(after) in (said, said + 1)
    assert {(t.spans, t.calls) for t in after} == {(50, 50)}
    assert len(SqliteStore(path).traces(Query(limit=10_000))) == len(after) + 1
    assert again._db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    again.shutdown()


def test_files_are_the_groups_to_read_and_nobody_elses(store, path):
    store.export([span()])

    modes = {p.name: p.stat().st_mode & 0o777 for p in path.parent.iterdir()}
    assert modes == {"spans.db": 0o640, "spans.db-wal": 0o640, "spans.db-shm": 0o640}


AS_READER = textwrap.dedent("""
    import os, sys
    from pathlib import Path
    sys.path.insert(0, sys.argv[2])
    import hexr_autoinst.export.sqlite_reader as r
    from hexr_autoinst.export.reading import Query
    path = Path(sys.argv[1])
    os.setgroups([int(sys.argv[3])]); os.setgid(65534); os.setuid(65534)
    def writable():
        return [p.name for p in (path.parent, *path.parent.glob("*")) if os.access(p, os.W_OK)]
    for line in sys.stdin:
        try:
            print(len(r.SqliteStore(path).traces(Query(limit=10_000))), *writable(), flush=True)
        except Exception as error:
            print(type(error).__name__, error, flush=True)
""")


class OtherUser:
    """A process of uid 65534 whose only tie to the store is the group that may read it."""

    def __init__(self, path: Path, group: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", AS_READER, path, ROOT, str(group)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def ask(self) -> str:
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().strip()

    def end(self) -> None:
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()


GROUP = 54_321


@pytest.fixture
def shared(tmp_path):
    """A store folder as the installation makes it, reachable by others."""
    if os.geteuid() != 0:
        pytest.skip("needs root to become another user")
    for folder in (tmp_path, *tmp_path.parents):
        if not folder.stat().st_mode & 0o005 and folder.stat().st_uid == 0 and "pytest" in str(folder):
            folder.chmod(0o755)
    folder = tmp_path / "store"
    folder.mkdir()
    os.chown(folder, 0, GROUP)
    folder.chmod(0o2750)  # setgid: what SQLite makes there is the group's
    return folder / "spans.db"


def test_another_user_of_the_group_reads_while_the_writer_writes_ends_and_dies(shared):
    store = StoreExporter(shared, 64, 365_000)
    other = OtherUser(shared, GROUP)
    try:
        store.export([span(1, 1)])
        assert other.ask() == "1"
        store.export([span(2, 1)])
        assert other.ask() == "2"
        for n in range(3, 300):  # past a checkpoint
            store.export([span(n, 1, attributes={"pad": "x" * 20_000})])
        assert other.ask() == "299"
        store.shutdown()
        assert sorted(p.name for p in shared.parent.iterdir()) == ["spans.db"]
        assert other.ask() == "299"
        said = killed_writer(shared, 5, first=1_000)
        assert sorted(p.name for p in shared.parent.iterdir()) == ["spans.db", "spans.db-shm", "spans.db-wal"]
        assert int(other.ask()) in (299 + said, 299 + said + 1)
    finally:
        other.end()


def test_a_user_outside_of_the_group_is_told_what_to_do(shared):
    StoreExporter(shared, 64, 7).shutdown()
    other = OtherUser(shared, GROUP + 1)
    try:
        assert other.ask().startswith("StoreUnreadable")
    finally:
        other.end()


def test_no_store_and_no_permission_are_errors_of_their_own(path, monkeypatch):
    with pytest.raises(NoStore):
        SqliteStore(path).traces(Query())

    StoreExporter(path, 64, 7).shutdown()

    def refuse(*_):
        raise PermissionError

    monkeypatch.setattr("hexr_autoinst.export.store_schema.reader", refuse)
    with pytest.raises(StoreUnreadable):
        SqliteStore(path).traces(Query())


def test_a_folder_that_cannot_be_written_is_an_error_that_names_it(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(StateUnwritable, match="file"):
        StoreExporter(tmp_path / "file" / "spans.db", 64, 7)


def test_a_full_disk_is_a_failed_batch_and_the_next_one_may_succeed(store, path):
    store._db.execute("PRAGMA max_page_count=40")
    assert (
        store.export([span(9, n, attributes={"pad": "x" * 9_000}) for n in range(1, 90)])
        is SpanExportResult.FAILURE
    )
    assert "full" in store.last_error
    store._db.execute("PRAGMA max_page_count=1000000")

    assert store.export([span()]) is SpanExportResult.SUCCESS
    assert [t.spans for t in SqliteStore(path).traces(Query())] == [1]
