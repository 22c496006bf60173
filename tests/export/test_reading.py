from hexr_autoinst.export.reading import Query, Store
from hexr_autoinst.export.sqlite_reader import SqliteStore


def test_a_query_of_nothing_asks_for_everything():
    assert Query() == (0, "", "", False, "", 50, 0, False)


def test_the_embedded_store_answers_every_question():
    asked = {name for name in vars(Store) if not name.startswith("_")}

    assert asked <= set(dir(SqliteStore))
