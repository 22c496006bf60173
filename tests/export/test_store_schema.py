import sqlite3

import pytest

from hexr_autoinst.export import store_schema


def test_a_file_of_another_version_is_set_aside_and_kept(tmp_path):
    path = tmp_path / "spans.db"
    old = sqlite3.connect(path)
    old.execute("CREATE TABLE spans (x)")
    old.execute("PRAGMA user_version=99")
    old.close()

    db = store_schema.writer(path)

    assert db.execute("PRAGMA user_version").fetchone() == (store_schema.VERSION,)
    db.close()
    kept = sqlite3.connect(tmp_path / "spans.db.aside")
    assert kept.execute("PRAGMA user_version").fetchone() == (99,)
    kept.close()


def test_a_file_that_is_no_database_is_set_aside(tmp_path):
    path = tmp_path / "spans.db"
    path.write_bytes(b"not a database at all" * 400)

    db = store_schema.writer(path)

    assert db.execute("SELECT count(*) FROM spans").fetchone() == (0,)
    db.close()
    assert (tmp_path / "spans.db.aside").read_bytes().startswith(b"not a database")


def test_a_link_in_place_of_the_store_is_not_followed(tmp_path):
    (tmp_path / "elsewhere").write_text("precious")
    (tmp_path / "spans.db").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(store_schema.StateUnwritable):
        store_schema.writer(tmp_path / "spans.db")
    assert (tmp_path / "elsewhere").read_text() == "precious"


def test_a_reader_cannot_write(tmp_path):
    path = tmp_path / "spans.db"
    writer = store_schema.writer(path)
    reader = store_schema.reader(path)

    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader.execute("DELETE FROM spans")
    reader.close()
    writer.close()


def test_a_path_with_the_signs_of_an_address_is_a_path(tmp_path):
    folder = tmp_path / "a?b#c%20d"
    folder.mkdir()
    store_schema.writer(folder / "spans.db").close()

    reader = store_schema.reader(folder / "spans.db")

    assert reader.execute("SELECT count(*) FROM traces").fetchone() == (0,)
    reader.close()


def test_size_counts_pages_in_use_only(tmp_path):
    db = store_schema.writer(tmp_path / "spans.db")
    empty = store_schema.size(db)
    db.execute("INSERT INTO resources (json) VALUES (?)", ("x" * 100_000,))
    full = store_schema.size(db)
    db.execute("DELETE FROM resources")

    assert full - empty >= 100_000
    assert store_schema.size(db) == empty
    db.close()
