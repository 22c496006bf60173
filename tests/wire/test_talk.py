import pytest

from hexr_autoinst.model.exchange import Asked, Ended, Headers, Request, Response, Said
from hexr_autoinst.wire.budget import Budget
from hexr_autoinst.wire.identity import Carrier
from hexr_autoinst.wire.limits import Limits
from hexr_autoinst.wire.talk import Talk
from tests.wire.stage import CONN, KEY

SSE = Headers((("content-type", "text/event-stream"),))


def talk(budget=None):
    return Talk(Carrier("id", "ebpf", KEY, CONN, 0, "client"), Limits(), budget or Budget(1 << 30))


def request(method="POST", **fields):
    headers = Headers(tuple((k.replace("_", "-"), v) for k, v in fields.items()))
    return Request(1, method, "https", "h", 0, "/", headers=headers)


def play(made, *steps):
    return [h for name, *args in steps for h in getattr(made, name)(*args) or ()]


def test_the_order_of_an_exchange():
    heard = play(
        talk(),
        ("head", "request", request()), ("data", "request", b"ask", 2), ("end", "request", 3),
        ("head", "response", Response(4, 200)), ("data", "response", b"say", 5), ("end", "response", 6),
    )  # fmt: skip

    assert [type(h) for h in heard] == [Asked, Ended]
    first, last = heard[0].exchange, heard[1].exchange
    assert (first.request.body, first.request.ended, first.response) == (b"ask", 3, None)
    assert (last.response.body, last.response.body_at, last.response.ended, last.missing) == (
        b"say",
        5,
        6,
        (),
    )


def test_frames_that_outrun_the_question_wait_for_it():
    made = talk()
    play(made, ("head", "request", request()), ("head", "response", Response(2, 200, headers=SSE)))

    assert play(made, ("data", "response", b"data: a\n\n", 3), ("end", "response", 4)) == []
    assert [type(h) for h in play(made, ("end", "request", 5))] == [Asked, Said, Ended]


def test_frames_do_not_wait_for_ever():
    made = talk()
    play(made, ("head", "request", request()), ("head", "response", Response(2, 200, headers=SSE)))

    heard = [h for n in range(300) for h in made.data("response", b"data: a\n\n", n)]

    assert isinstance(heard[0], Asked)
    assert sum(isinstance(h, Said) for h in heard) == 300


@pytest.mark.parametrize(
    ("steps", "why", "missing"),
    [
        ([], "", ("truncated:request", "truncated:response")),
        ([("end", "request", 2)], "", ("truncated:response",)),
        ([("end", "request", 2)], "closed_by_client", ("closed_by_client",)),
        ([("end", "request", 2), ("head", "response", Response(3, 200))], "idle", ("idle",)),
        (
            [
                ("end", "request", 2),
                ("head", "response", Response(3, 200, headers=SSE)),
                ("data", "response", b"data: a\n\n", 4),
            ],
            "",
            ("unterminated:response",),
        ),
        (
            [
                ("end", "request", 2),
                ("head", "response", Response(3, 200, headers=SSE)),
                ("data", "response", b"data: a\n\n", 4),
            ],
            "closed_by_server",
            ("unterminated:response", "closed_by_server"),
        ),
    ],
)
def test_what_an_early_end_leaves_out_is_marked(steps, why, missing):
    made = talk()
    heard = play(made, ("head", "request", request()), *steps, ("close", 9, why))

    assert heard[-1].exchange.missing == missing
    assert play(made, ("close", 10, why), ("data", "response", b"x", 11), ("end", "response", 12)) == []


@pytest.mark.parametrize(
    ("steps", "ended"),
    [
        ([("end", "request", 2), ("close", 900, "closed_by_client")], 900),
        ([("end", "request", 2), ("close", 900)], 900),
        ([("end", "request", 2), ("close", 900, "idle")], 2),
        ([("end", "request", 2), ("end", "response", 900, "closed_by_server")], 900),
        ([("end", "request", 2), ("head", "response", Response(3, 200)), ("close", 900)], 3),
    ],
)
def test_who_waits_in_vain_for_an_answer_waits_until_one_side_hangs_up(steps, ended):
    heard = play(talk(), ("head", "request", request()), *steps)

    assert heard[-1].exchange.ended == ended


def test_a_talk_that_was_never_asked_says_nothing():
    made = talk()

    assert play(made, ("data", "response", b"x", 1), ("end", "response", 2), ("close", 3)) == []
    assert made.over


def test_what_follows_an_upgrade_or_a_tunnel_is_another_protocol():
    for method, status, expected in (
        ("GET", 101, True),
        ("CONNECT", 200, True),
        ("CONNECT", 403, False),
        ("GET", 200, False),
    ):
        made = talk()
        play(made, ("head", "request", request(method)), ("head", "response", Response(2, status)))
        assert made.upgraded is expected


def test_a_form_loses_its_secrets():
    made = talk()
    form = request(content_type="application/x-www-form-urlencoded")

    (asked,) = play(
        made,
        ("head", "request", form),
        ("data", "request", b"client_secret=s3&a=1", 2),
        ("end", "request", 3),
    )

    assert asked.exchange.request.body == b"client_secret=[redacted]&a=1"


def test_a_sacrifice_frees_all_that_is_held():
    budget = Budget(10)
    made = talk(budget)
    play(made, ("head", "request", request()), ("data", "request", b"x" * 20, 2), ("end", "request", 3))
    assert budget.used == 20

    made.sacrifice()

    assert budget.used == 0
    (end,) = play(made, ("head", "response", Response(4, 200)), ("end", "response", 5))
    assert (end.exchange.request.body, end.exchange.missing) == (b"", ("truncated:request",))
    assert budget.used == 0
