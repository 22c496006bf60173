"""Every dialogue by either door and cut anywhere is told call by call; what is held is bounded; what is cut is told as cut."""

import json
import tracemalloc
from dataclasses import asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from hexr_autoinst.dissect.claim import Begun, Claim, Done, choose, keeps, listens, question
from hexr_autoinst.dissect.dialects.gemini_live import GEMINI_LIVE
from hexr_autoinst.dissect.dialects.openai_realtime import OPENAI_REALTIME
from hexr_autoinst.dissect.dialects.openai_responses_socket import OPENAI_RESPONSES_SOCKET
from hexr_autoinst.dissect.dialogue import Dialogue
from hexr_autoinst.dissect.question import Question
from hexr_autoinst.model.exchange import Exchange, Frame, Headers, Request, Response
from hexr_autoinst.model.operation import Failure
from tests.dissect.dialogues import DIALOGUES, IDS, asked, by_bytes, by_messages, differs, load, meaning, told
from tests.dissect.schema import SCHEMAS

AUDIO = "UklGRgAAAABXQVZF"
KEYS = ("sk-planted-0123456789abcdefghij", "AIzaSy-planted-0123456789-abcdefghijklm")


def check(talk, done, *, times=True):
    found = [told(*one) for one in done]
    want = talk["expect"]
    if not times:
        want = [{k: v for k, v in w.items() if k in ("operation", "cut")} for w in want]

    assert len(want) == len(found)
    assert [differs(w, f) for w, f in zip(want, found, strict=True)] == [[]] * len(found)


@pytest.mark.parametrize("size", [7, 100, 1 << 14])
@pytest.mark.parametrize("door", [by_bytes, by_messages])
@pytest.mark.parametrize("case", DIALOGUES, ids=IDS)
def test_either_door_gives_the_same_calls(case, door, size):
    talk = load(case)
    begun, done, listener, _ = meaning(door(talk, size))

    check(talk, done)
    assert listens(listener)
    assert keeps(listener)
    assert sorted(e.part for e in begun) == sorted(e.part for e, _ in done)
    assert len({e.part for e in begun}) == len(begun)
    assert listener.calls == []


@pytest.mark.parametrize("case", DIALOGUES, ids=IDS)
def test_one_vendor_claims_it_as_it_should(case):
    talk = load(case)
    about = question(asked(talk))

    assert (case.parent.name, Claim[talk["claim"]]) == (choose(about).name, choose(about).claim(about))


@pytest.mark.parametrize("case", DIALOGUES, ids=IDS)
def test_what_is_read_at_once_means_the_same(case):
    talk = load(case)

    check(talk, meaning(by_bytes(talk, 1 << 20, merged=True))[1], times=False)


@pytest.mark.parametrize("case", DIALOGUES, ids=IDS)
def test_a_call_that_is_cut_is_told_as_incomplete(case):
    talk = load(case)
    for door in (by_bytes, by_messages):
        done = meaning(door(talk, 1000))[1]
        cut = [bool(e.missing or c.missing) for e, c in done]
        want = [w.get("cut", False) or "missing" in w["operation"] for w in talk["expect"]]
        assert want == cut


@pytest.mark.parametrize("content", [False, True])
@pytest.mark.parametrize("case", DIALOGUES, ids=IDS)
def test_no_planted_key_is_told(case, content):
    talk = load(case)
    assert any(k in json.dumps(talk) for k in KEYS)

    told_ = repr([meaning(door(talk, 1000), content=content)[:2] for door in (by_bytes, by_messages)])
    assert [k for k in KEYS if k in told_] == []


@pytest.mark.parametrize("case", DIALOGUES, ids=IDS)
def test_content_is_in_the_conventions_schema_and_told_only_when_it_may_be(case):
    talk = load(case)
    quiet = [call for _, call in meaning(by_messages(talk, 1000))[1]]
    calls = [call for _, call in meaning(by_messages(talk, 1000), content=True)[1]]
    wrong = [
        f"{name}: {error.json_path} {error.message[:300]}"
        for call in calls
        for name, said in asdict(call.content).items()
        if said is not None
        for error in Draft202012Validator(SCHEMAS[name]).iter_errors(json.loads(said))
    ]

    assert wrong == []
    assert [c for c in quiet if c.content or any(t.arguments for t in c.tool_calls)] == []
    assert AUDIO not in repr(calls)


def socket(dialect=OPENAI_REALTIME, content=False):
    head = Headers((("upgrade", "websocket"),))
    request = Request(
        1, "GET", "https", "api.openai.com", 0, "/v1/realtime", "model=m", headers=head, ended=1
    )
    return Dialogue(
        Question(Exchange("x", "ebpf", None, "c", 0, "client", request), "openai"),
        dialect,
        "openai",
        content=content,
    )


def message(value, at, side="response"):
    return Frame(at, "ws", "", value if isinstance(value, str) else json.dumps(value), side=side)


def test_calls_that_never_get_an_answer_are_given_up_in_their_order():
    one = socket()
    heard = [
        h for n in range(1000) for h in one.frame(message({"type": "response.create"}, 10 + n, "request"))
    ]
    done = [h for h in heard if isinstance(h, Done)]

    assert len(one.calls) == 64
    assert [d.exchange.part for d in done[:3]] == ["r0", "r1", "r2"]
    assert {d.operation.missing for d in done} == {("unanswered",)}
    assert len(done) == 1000 - 64


@pytest.mark.parametrize("content", [False, True])
def test_a_long_session_holds_no_more_than_a_short_one(content):
    """Fifteen hundred responses, each with a function's answer, a megabyte of sound in between."""
    one, most = socket(content=content), 0
    tracemalloc.start()
    for n in range(1500):
        asked = {
            "type": "conversation.item.create",
            "item": {"type": "function_call_output", "call_id": f"c{n}", "output": "x" * 500},
        }
        done = {
            "id": f"r{n}",
            "status": "completed",
            "output": [{"type": "message", "content": [{"type": "text", "text": "y" * 500}]}],
        }
        for side, said in (
            ("request", asked), ("request", {"type": "input_audio_buffer.append", "audio": "A" * 200}), ("request", {"type": "response.create"}),
            ("response", {"type": "response.created", "response": {"id": f"r{n}"}}), ("response", {"type": "response.done", "response": done}),
        ):  # fmt: skip
            one.frame(message(said, n, side))
        if n == 300:
            early = tracemalloc.get_traced_memory()[0]
        most = max(most, len(one.calls))
    late = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()

    assert most <= 1
    assert late - early < 50_000


def test_what_is_said_without_asking_is_kept_to_a_bound():
    one = socket(content=True)
    for n in range(3000):
        item = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "x" * 100_000}]}
        one.frame(message({"type": "conversation.item.create", "item": item}, n, "request"))
    one.frame(message({"type": "response.create"}, 3000, "request"))
    (call,) = one.calls

    assert len(call.reading.ask.content.input_messages) < 512 << 10
    assert len(json.loads(call.reading.ask.content.input_messages)) >= 10


def test_a_connection_on_which_nothing_was_asked_meant_nothing():
    one = socket()
    one.frame(message({"type": "session.created", "session": {"model": "m"}}, 2))
    exchange = one._question.exchange

    assert one.close(exchange) is None
    assert socket().begin() == ()


def test_a_close_of_the_servers_is_why_and_one_of_the_clients_is_not():
    for side, failure in (("response", Failure("4008")), ("request", None)):
        one = socket()
        one.frame(message({"type": "response.create"}, 2, "request"))
        one.frame(message({"type": "response.created", "response": {"id": "r"}}, 3))
        one.frame(Frame(4, "ws", "close", "4008 some words", side=side))
        (done,) = one.close(replace(one._question.exchange, missing=()))

        assert (failure, ("unfinished:response",) if failure is None else ()) == (
            done.operation.failure,
            done.operation.missing,
        )


WORDS = st.sampled_from(["type", "response.create", "response.created", "response.done", "response", "session", "session.update", "item", "id", "r", "error",
    "event_id", "metadata", "output", "tools", "status", "completed", "setup", "clientContent", "turns", "turnComplete", "parts", "serverContent", "modelTurn",
    "toolCall", "functionCalls", "toolResponse", "functionResponses", "interrupted", "usageMetadata", "stream_id", "response_id", "delta", "name"])  # fmt: skip
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=5),
    max_leaves=16,
)


@given(
    st.lists(st.tuples(st.booleans(), ANY), max_size=12),
    st.sampled_from([OPENAI_REALTIME, OPENAI_RESPONSES_SOCKET, GEMINI_LIVE]),
    st.booleans(),
)
def test_any_messages_are_survived_and_what_begins_ends(said, dialect, content):
    one = socket(dialect, content)
    heard = [
        h
        for n, (server, value) in enumerate(said)
        for h in one.frame(message(value, 10 + n, "response" if server else "request"))
    ]
    heard += one.close(replace(one._question.exchange, response=Response(1, 101, ended=99))) or ()
    begun = [h.exchange.part for h in heard if isinstance(h, Begun)]

    assert sorted(begun) == sorted(h.exchange.part for h in heard if isinstance(h, Done))
    assert one.calls == []
