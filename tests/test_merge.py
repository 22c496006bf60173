from hypothesis import given
from hypothesis import strategies as st

from hexr_autoinst.merge import WINDOW_NS, Merge
from hexr_autoinst.model.facts import Data, Lost, Tick


def data(at, size=1):
    return Data(at, "proxy", "f", "request", b"x" * size)


def drain(merge, until):
    return list(iter(lambda: merge.pop(until), None))


def test_two_inputs_come_out_in_the_order_of_their_times():
    merge = Merge()
    for at in (10, 30, 50, 20, 40):
        merge.push(data(at))

    assert [f.at for f in drain(merge, 50)] == [10, 20, 30, 40, 50]


def test_facts_of_one_time_keep_the_order_of_arrival():
    merge = Merge()
    first, second = data(7, 1), data(7, 2)
    merge.push(first)
    merge.push(second)

    assert [first, second] == drain(merge, 7)


def test_a_fact_waits_for_the_window():
    merge = Merge()
    merge.push(data(1_000))

    assert merge.pop(merge.watermark(1_000 + WINDOW_NS - 1)) is None
    assert merge.pop(merge.watermark(1_000 + WINDOW_NS)) == data(1_000)


def test_a_late_fact_is_taken_when_it_comes():
    merge = Merge()
    merge.push(data(500))
    assert [f.at for f in drain(merge, 600)] == [500]
    merge.push(data(100))

    assert [f.at for f in drain(merge, 600)] == [100]


def test_what_does_not_fit_is_told_as_lost_before_the_rest():
    merge = Merge(max_facts=2)
    for at in (1, 2, 3, 4):
        merge.push(data(at))
    out = drain(merge, 10)

    assert [Lost(1, "ebpf", "merge", 2), data(1), data(2)] == out
    assert merge.dropped == 2


def test_bytes_are_bounded_and_given_back():
    merge = Merge(max_bytes=10)
    merge.push(data(1, 8))
    merge.push(data(2, 8))

    assert merge.bytes == 8
    assert [Lost(1, "ebpf", "merge", 1), data(1, 8)] == drain(merge, 9)
    assert merge.bytes == 0


def test_a_dropped_lost_keeps_its_number():
    merge = Merge(max_facts=0)
    merge.push(Lost(5, "proxy", "tap_queue", 41))

    assert [Lost(0, "ebpf", "merge", 41)] == drain(merge, 9)


@given(st.lists(st.integers(0, 1000)))
def test_everything_that_was_pushed_comes_out_once_in_order(times):
    merge = Merge()
    for at in times:
        merge.push(Tick(at))

    assert sorted(times) == [f.at for f in drain(merge, 1000)]


def test_there_is_room_until_three_quarters():
    merge = Merge(max_facts=4)
    for at in (1, 2):
        merge.push(data(at))
    assert merge.has_room
    merge.push(data(3))

    assert not merge.has_room
