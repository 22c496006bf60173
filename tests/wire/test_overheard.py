from dataclasses import replace

from hexr_autoinst.model.exchange import Asked, Ended, Exchange, Frame, Request, Said, Skipped
from hexr_autoinst.model.facts import Exchanged
from hexr_autoinst.wire.overheard import Overheard


def exchange(id_="a"):
    return Exchange(id_, "ebpf", None, "c", 0, "client", Request(1, "GET", "https", "h", 0, "/"), facts=40)


def said(id_="a", at=5):
    return Said(at, id_, Frame(at, "sse", "", "x"))


def hear(*heard, most=9, end=True):
    one = Overheard(most)
    out = [h for fact in heard for h in one.feed(Exchanged(7, "ebpf", fact))]
    return out + (list(one.end()) if end else [])


def facts(heard):
    return [h.exchange.facts if isinstance(h, Ended) else h.n if isinstance(h, Skipped) else 0 for h in heard]


def test_a_fact_of_the_file_is_spent_on_the_exchange_it_tells_of():
    heard = hear(Asked(1, exchange()), said(), said(), Ended(9, exchange()))

    assert [Asked, Said, Said, Ended] == [type(h) for h in heard]
    assert [0, 0, 0, 4] == facts(heard)


def test_what_was_asked_before_the_recording_is_skipped():
    heard = hear(said(), Ended(9, exchange()))

    assert [Skipped(7, "before_recording", 1)] * 2 == heard


def test_what_is_open_at_the_end_ends_with_its_last_frame_and_a_mark():
    (*_, ended) = hear(Asked(1, exchange()), said(at=6))

    assert ended == Ended(6, replace(exchange(), missing=("open_at_end",), facts=2))


def test_an_exchange_that_is_asked_twice_ends_the_first():
    heard = hear(Asked(1, exchange()), Asked(2, exchange()), end=False)

    assert [Asked, Ended, Asked] == [type(h) for h in heard]
    assert heard[1].exchange.missing == ("truncated:response",)


def test_how_many_are_open_is_bounded():
    heard = hear(*(Asked(1, exchange(n)) for n in "abc"), most=2, end=False)

    assert [("a", ("too_many_exchanges",))] == [
        (h.exchange.id, h.exchange.missing) for h in heard if isinstance(h, Ended)
    ]


def test_a_skipped_line_is_one_fact_whatever_it_stood_for_and_a_stranger_is_none():
    assert [Skipped(3, "not_http", 1)] == hear(Skipped(3, "not_http", 80))
    assert [Skipped(7, "no_exchange", 1)] == hear("nonsense")
