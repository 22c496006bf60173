from hexr_autoinst.dissect.memory import Book, Memory


def test_the_oldest_goes_first_and_what_was_used_stays():
    book = Book(most=2)
    book.put("a", 1)
    book.put("b", 2)
    assert book.get("a") == 1
    book.put("c", 3)

    assert (book.get("a"), book.get("b"), book.get("c")) == (1, None, 3)


def test_what_is_taken_is_gone():
    book = Memory().book("x")
    book.put("a", 1)

    assert (book.take("a"), book.take("a")) == (1, None)


def test_each_protocol_has_a_table_of_its_own():
    memory = Memory()
    memory.book("x").put("a", 1)

    assert (memory.book("x").get("a"), memory.book("y").get("a")) == (1, None)
