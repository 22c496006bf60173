from dataclasses import replace

import pytest

from hexr_autoinst.correlate.health import Pulse, look
from hexr_autoinst.correlate.rules import Rules
from hexr_autoinst.model.operation import Failure, Thread, ToolCall, Usage
from hexr_autoinst.model.story import Finding, Invocation
from tests.correlate.play import END, Play, call, exchange, process
from tests.correlate.test_conversations import says, step, thread, wants


def seen(*calls, apart=10.0, asked=None):
    """What each of these calls of one conversation shows, `apart` seconds from each other."""
    pulse = Pulse()
    found = []
    for n, one in enumerate(calls):
        how = asked[n] if asked else Thread(history=tuple(b"%d" % i for i in range(n + 1)), head=b"head")
        found.append(
            [
                (f.kind, dict(f.facts))
                for f in look(pulse, exchange(f"x{n}", n * apart, n * apart + 1), how, one)
            ]
        )
    return found


def cached(read, input_=20_000, **more):
    return replace(call(**more), usage=Usage(input_, 100, cache_read=read))


def looped(digest=b"same", name="search"):
    return wants(ToolCall(name, None, digest=digest))


def test_the_third_equal_tool_call_is_a_loop_and_the_sixth_again():
    found = seen(*[looped()] * 7)

    assert [n for n, one in enumerate(found) if one] == [2, 5]
    assert found[2] == [("loop", {"tool": "search", "times": 3})]


def test_calls_that_differ_or_whose_arguments_are_not_known_are_no_loop():
    assert not any(seen(*[looped(b"%d" % n) for n in range(6)]))
    assert not any(seen(*[looped(b"")] * 6))


def test_equal_calls_far_from_each_other_are_no_loop():
    others = [looped(b"%d" % n) for n in range(20)]

    assert not any(seen(looped(), looped(), *others, looped()))


def test_the_fourth_failure_of_one_request_is_a_storm():
    failed, one = call(failure=Failure("429")), Thread(history=(b"one",))
    found = seen(*[failed] * 5, asked=[one] * 5)

    assert [n for n, f in enumerate(found) if f] == [3]
    assert found[3] == [("retry_storm", {"times": 4, "error": "429"})]


def test_failures_of_different_requests_and_one_that_went_well_between_are_no_storm():
    failed, one = call(failure=Failure("429")), Thread(history=(b"one",))

    assert not any(seen(*[failed] * 6))
    assert not any(seen(failed, failed, failed, call(), failed, failed, asked=[one] * 6))


@pytest.mark.parametrize(
    ("second", "changed"),
    [
        (Thread(history=(b"0", b"1"), head=b"head"), None),
        (Thread(history=(b"0", b"1"), head=b"other"), "instructions"),
        (Thread(history=(b"9", b"1"), head=b"head"), "history"),
    ],
)
def test_a_cache_that_is_lost_is_told_with_what_has_changed(second, changed):
    first = Thread(history=(b"0",), head=b"head")
    _, found = seen(cached(15_000), cached(0, 21_000), asked=[first, second])

    want = {"cached": 0, "cached.before": 15_000} | ({"changed": changed} if changed else {})
    assert found == [("cache_miss", want)]


def test_another_model_has_another_cache():
    one = Thread(history=(b"0",))
    first, second = cached(15_000, request_model="a"), cached(0, request_model="b")

    assert seen(first, second, asked=[one] * 2)[1][0][1]["changed"] == "model"


def test_what_is_no_loss_of_a_cache():
    assert not any(seen(cached(500), cached(0)))  # too little to be cached
    assert not any(seen(cached(15_000), cached(15_000)))
    assert not any(seen(cached(15_000), cached(0, 5_000)))  # compacted
    assert not any(seen(cached(15_000), cached(0), apart=400))  # longer than it is kept
    assert not any(seen(cached(15_000), cached(None)))  # not stated
    assert not any(seen(cached(15_000), cached(0, failure=Failure("500"))))


def test_a_context_is_full_once_until_there_is_room_again():
    sizes = [80_000, 91_000, 95_000, 60_000, 92_000]
    found = seen(*[replace(cached(0, n), window=100_000) for n in sizes])

    assert [n for n, one in enumerate(found) if one] == [1, 4]
    assert found[1] == [("context_full", {"used": 91_100, "window": 100_000})]
    assert not any(seen(cached(0, 10_000_000)))  # a window that nobody knows


def circles(rules):
    play = Play(rules) >> process(0)
    for n in range(3):
        said = [f"m{i}" for i in range(2 * n + 1)]
        results = [f"id-{n - 1}"] if n else []
        step(
            play,
            f"a{n}",
            n + 1,
            n + 1.5,
            wants(ToolCall("t", f"id-{n}", digest=b"d")),
            thread(*said, results=results),
        )
    step(
        play, "z", 5, 6, replace(says(), window=100, usage=Usage(99, 1)), thread(*[f"m{i}" for i in range(7)])
    )
    return play >> END


def test_findings_are_counted_and_told_where_they_show():
    play = circles(Rules(salt=b"s", key=b"k"))

    (root,) = play.all(Invocation)
    assert [m.name for m in root.moments] == ["loop"]
    assert [m.name for m in play.placed("z").moments] == ["context_full"]
    assert [f.kind for f in play.all(Finding)] == ["loop", "context_full"]


def test_each_can_be_turned_off():
    play = circles(Rules(salt=b"s", key=b"k", findings=frozenset({"context_full"})))

    assert [f.kind for f in play.all(Finding)] == ["context_full"]
    assert play.all(Invocation)[0].moments == ()
