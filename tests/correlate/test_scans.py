"""A guard's scans and the model calls that they were of: told on the call where there is no doubt, else linked."""

from dataclasses import replace

import pytest

from hexr_autoinst.model.operation import Failure
from hexr_autoinst.model.story import Placed
from tests.correlate.play import END, Play, call, effect, exchange, process, tick


def scan(what="prompt", *, valid=False, hits=("PromptInjection",), **more):
    verdict = (
        ("guard.valid", valid),
        ("guard.scanners", ("PromptInjection", "Toxicity")),
        ("guard.hits", hits),
    )
    return effect("guard", "scan", service="llm_guard", facts=(("guard.what", what), *verdict), **more)


def started():
    """An agent is one by a call long ago."""
    return Play().__rshift__(process()).exchange(exchange("first", 0.1, 0.2), call())


def told(play, id_):
    found = play.placed(id_)
    return dict(found.operation.extras), found.operation.failure, [s for _, s in found.place.links]


def spot(play, id_):
    return play.placed(id_).place.span_id


def one(id_, began, ended, n):
    return exchange(id_, began, ended, ordinal=n)


def test_a_prompt_that_was_blocked_right_before_is_told_on_the_call_and_linked():
    play = started()
    play.exchange(one("scan", 1, 2, 1), scan()).exchange(one("chat", 3, 4, 2), call()) >> END

    extras, failure, links = told(play, "chat")
    assert {"guard.prompt_blocked": ("PromptInjection",)} == extras
    assert Failure("guard_blocked") == failure
    assert [spot(play, "scan")] == links


def test_an_output_that_was_blocked_right_after_is_told_too_where_the_turn_scans():
    play = started()
    play.exchange(one("look", 1, 2, 1), scan(valid=True, hits=())).exchange(one("chat", 3, 4, 2), call())
    assert "span chat of analyst" not in play.said()
    play.exchange(one("scan", 4.1, 4.5, 3), scan("output")) >> tick(5)

    assert {"guard.output_blocked": ("PromptInjection",)} == told(play, "chat")[0]
    assert [spot(play, "scan")] == told(play, "chat")[2]


def test_a_call_waits_for_a_scan_that_is_open_but_not_for_ever():
    play = started()
    play.exchange(one("look", 1, 2, 1), scan(valid=True)).exchange(one("chat", 3, 4, 2), call())
    play.ask(one("scan", 4.1, 99, 3), scan("output"))
    play >> tick(6)
    assert "span chat of analyst" not in play.said()
    play >> tick(14.2)

    assert "span chat of analyst" in play.said()


def test_where_nothing_is_scanned_no_call_waits():
    play = started()
    play.exchange(one("chat", 3, 4, 2), call())

    assert "span chat of analyst" in play.said()


def test_a_call_of_a_turn_that_scans_waits_a_second_or_for_the_next_call():
    play = started()
    play.exchange(one("look", 1, 2, 1), scan(valid=True)).exchange(one("a", 3, 4, 2), call())
    play.ask(one("b", 4.2, 5, 3)) >> tick(4.4)
    assert "span a of analyst" in play.said()
    play.end(one("b", 4.2, 5, 3)) >> tick(5.9)
    assert [] == play.said()
    play >> tick(6.1)

    assert ["span b of analyst"] == play.said()


@pytest.mark.parametrize("valid", [True, None])
def test_a_scan_that_blocked_nothing_is_told_nowhere_else(valid):
    play = started()
    (
        play.exchange(one("scan", 1, 2, 1), scan(valid=valid, hits=())).exchange(one("chat", 3, 4, 2), call())
        >> END
    )

    assert ({}, None, []) == told(play, "chat")


def test_a_scan_belongs_to_the_next_call_alone():
    play = started()
    play.exchange(one("scan", 1, 2, 1), scan()).exchange(one("a", 3, 4, 2), call())
    play.exchange(one("b", 5, 6, 3), call()) >> END

    assert "guard.prompt_blocked" in told(play, "a")[0]
    assert ({}, None, []) == told(play, "b")


def test_with_another_call_open_meanwhile_there_is_only_a_link():
    play = started()
    play.ask(one("other", 0.5, 9, 1)).exchange(one("scan", 1, 2, 2), scan()).exchange(
        one("chat", 3, 4, 3), call()
    )
    play.end(one("other", 0.5, 9, 1)) >> END

    extras, failure, links = told(play, "chat")
    assert ({}, None, [spot(play, "scan")]) == (extras, failure, links)


def test_where_no_process_is_known_there_is_only_a_link():
    play = Play()
    play.exchange(exchange("scan", 1, 2, key=None, source="har"), scan())
    play.exchange(exchange("chat", 3, 4, key=None, source="har"), call())
    assert "span chat of har" in play.said()
    play >> END

    assert ({}, None, [spot(play, "scan")]) == told(play, "chat")


def test_what_has_no_direction_is_of_no_call():
    play = started()
    play.exchange(one("scan", 1, 2, 1), effect("guard", "scan", facts=(("guard.valid", False),)))
    play.exchange(one("chat", 3, 4, 2), call()) >> END

    assert ({}, None, []) == told(play, "chat")


def test_the_first_output_that_is_scanned_links_to_its_call():
    play = started()
    play.exchange(one("chat", 1, 2, 1), call()).exchange(one("scan", 3, 4, 2), scan("output")) >> END

    assert [spot(play, "chat")] == [s for _, s in play.placed("scan").place.links]
    assert ({}, None) == told(play, "chat")[:2]


def test_what_the_provider_has_said_itself_stands():
    play = started()
    play.exchange(one("scan", 1, 2, 1), scan())
    said = call(extras=(("guard.prompt_blocked", "content_filter"),), failure=Failure("content_filter"))
    play.exchange(one("chat", 3, 4, 2), said) >> END

    assert ({"guard.prompt_blocked": "content_filter"}, Failure("content_filter")) == told(play, "chat")[:2]


def test_a_guard_that_names_no_scanner_is_named_itself():
    play = started()
    nameless = effect(
        "guard", "scan", service="lakera", facts=(("guard.what", "prompt"), ("guard.valid", False))
    )
    play.exchange(one("scan", 1, 2, 1), nameless).exchange(one("chat", 3, 4, 2), call()) >> END

    assert {"guard.prompt_blocked": ("lakera",)} == told(play, "chat")[0]


def test_all_is_told_once_and_memory_is_bounded():
    play = started()
    for n in range(200):
        play.exchange(one(f"s{n}", 1 + n, 1.1 + n, 2 * n + 1), scan("output" if n % 2 else "prompt"))
        play.exchange(one(f"c{n}", 1.2 + n, 1.3 + n, 2 * n + 2), call())
    play >> END

    assert 401 == len(play.all(Placed))
    assert 0 == play.balance()["open"]


def through(id_, began, ended, conn, n=0):
    """An exchange of the proxy, which names its connection."""
    return replace(exchange(id_, began, ended, ordinal=n), source="proxy", conn=conn)


def test_the_guard_steps_scans_are_of_the_call_whose_connection_they_name_whatever_else_is_open():
    play = started()
    play.ask(through("chat", 1, 5, "c1", 3)).ask(through("other", 1, 5, "c2", 3))
    play.exchange(through("scan", 2, 3, "c1#prompt", 3), scan())
    play.end(through("chat", 1, 5, "c1", 3)).end(through("other", 1, 5, "c2", 3))
    play.exchange(through("later", 5.1, 5.4, "c2#output", 3), scan("output", hits=("Toxicity",)))
    play >> tick(6) >> tick(7)

    assert ({"guard.prompt_blocked": ("PromptInjection",)}, Failure("guard_blocked")) == told(play, "chat")[
        :2
    ]
    assert {"guard.output_blocked": ("Toxicity",)} == told(play, "other")[0]
    assert [spot(play, "later")] == told(play, "other")[2]


def test_a_scan_of_the_guard_step_that_takes_longer_than_its_call_is_waited_for():
    play = started()
    play.ask(through("chat", 1, 2, "c1", 3)).ask(through("scan", 1.1, 4, "c1#prompt", 3), scan())
    play.end(through("chat", 1, 2, "c1", 3)) >> tick(3.5)
    assert "span chat of analyst" not in play.said()
    play.end(through("scan", 1.1, 4, "c1#prompt", 3), scan()) >> tick(4.5) >> tick(5)

    assert {"guard.prompt_blocked": ("PromptInjection",)} == told(play, "chat")[0]
