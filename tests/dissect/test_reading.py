import ast
import json
from dataclasses import replace
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hexr_autoinst.dissect import dialects
from hexr_autoinst.dissect.claim import Claim, choose, question
from hexr_autoinst.dissect.dialects.openai_chat import OPENAI_CHAT
from hexr_autoinst.dissect.reading import Dialect
from hexr_autoinst.model.exchange import Exchange, Frame, Request, Response
from hexr_autoinst.model.operation import ModelCall
from tests.dissect.cases import STEP, all_cases, dissector, exchange_of, expected, facts_of, told
from tests.dissect.dialects.asking import EXCHANGE, begun, call

CASES = all_cases()


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c.parent.name}/{c.name}")
def test_each_exchange_is_told_exactly(case):
    want = expected(case)
    asked, frames, answer = exchange_of(case)
    about = question(asked)
    found = choose(about)
    assert (found.name, found.claim(about)) == (dissector(case), Claim[want["claim"]])

    found = facts_of(told(asked, frames, answer))

    for name in ("first_output", "last_output"):
        frame = want.get(f"{name}_frame")
        assert (None if frame is None else frame * STEP) == found.pop(f"{name}_at", None)
    assert want["operation"] == found


@pytest.mark.parametrize("case", [c for c in CASES if "content" in expected(c)], ids=lambda c: c.name)
def test_content_is_told_in_the_conventions_schema_when_it_may_be_kept(case):
    found = facts_of(told(*exchange_of(case), content=True).content)

    assert expected(case)["content"] == {k: json.loads(v) for k, v in found.items()}


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_no_content_is_held_when_it_may_not(case):
    found = told(*exchange_of(case))

    assert found.content is None
    assert [t.arguments for t in found.tool_calls if t.arguments] == []
    assert not found.failure or found.failure.message == ""


def test_frames_that_are_not_json_are_survived_and_said():
    found = call(
        OPENAI_CHAT,
        {},
        "{",
        {"id": "a", "choices": [{"index": 0, "delta": {"content": "x"}, "finish_reason": "stop"}]},
        "nonsense",
    )

    assert (found.response_id, found.missing) == ("a", ("unparsed:response",))


def test_a_whole_answer_that_was_cut_tells_what_is_there():
    body = b'{"id": "a", "model": "m", "choices": [{"index": 0, "message": {"content": "long te'
    reading = begun(OPENAI_CHAT, {"model": "m"})
    exchange = Exchange(
        "i",
        "har",
        None,
        "c",
        0,
        "client",
        EXCHANGE.request,
        Response(1, 200, body=body),
        missing=("truncated:response",),
    )

    found = reading.close(exchange)

    assert (found.response_id, found.response_model, found.missing) == ("a", "m", ("unparsed:response",))


@pytest.mark.parametrize(
    ("missing", "failure"), [("closed_by_server", "closed_by_server"), ("closed_by_client", None)]
)
def test_a_stream_that_the_server_broke_off_has_failed_and_one_its_reader_left_has_not(missing, failure):
    found = call(OPENAI_CHAT, {}, {"id": "a", "choices": [{"delta": {"content": "x"}}]}, missing=(missing,))

    assert failure == (found.failure and found.failure.type)
    assert found.finish_reasons == ()


def test_a_path_that_only_looked_like_a_models_is_no_call():
    reading = begun(OPENAI_CHAT, {"model": "m"}, inferred=True)
    answer = Response(1, 200, body=b'{"ok": true}', ended=2)

    assert reading.close(Exchange("i", "har", None, "c", 0, "client", EXCHANGE.request, answer)) is None


ELEMENTS = [{"id": "a", "choices": [{"index": 0, "delta": {"content": c}}]} for c in "xy"]


def test_an_array_whose_elements_were_heard_is_not_told_again():
    found = call(OPENAI_CHAT, {"stream": True}, *ELEMENTS, whole=ELEMENTS, content=True)

    assert found.output_chunks == 2
    assert json.loads(found.content.output_messages)[0]["parts"] == [{"type": "text", "content": "xy"}]


def test_an_array_that_came_at_once_is_a_stream_where_one_was_asked_for():
    assert call(OPENAI_CHAT, {"stream": True}, whole=ELEMENTS).output_chunks == 2
    found = call(OPENAI_CHAT, {}, whole=[{"id": "a", "choices": [{"message": {"content": "x"}}]}])
    assert (found.response_id, found.output_chunks, found.first_output_at) == ("a", 0, None)


def test_state_is_bounded_however_long_the_stream():
    reading = begun(OPENAI_CHAT, {}, content=True)
    for n in range(3000):
        piece = {
            "choices": [
                {
                    "index": n,
                    "delta": {
                        "content": "x" * 2000,
                        "tool_calls": [
                            {"index": n, "id": f"c{n}", "function": {"name": "f", "arguments": "y" * 1000}}
                        ],
                    },
                }
            ]
        }
        reading.frame(Frame(n, "sse", "", json.dumps(piece)))

    found = reading.close(EXCHANGE)

    assert len(reading.answer.choices) == 128
    assert len(found.tool_calls) <= 256
    assert len(found.content.output_messages) < 600_000
    assert set(found.missing) >= {"truncated:choices", "truncated:content"}


def modules():
    found = (import_module(f"{dialects.__name__}.{m.name}") for m in iter_modules(dialects.__path__))
    return [m for m in found if not m.__name__.endswith("_content")]


DIALECTS = {value.name: value for m in modules() for value in vars(m).values() if isinstance(value, Dialect)}
EVERYWHERE = ("id", "type", "index", "error", "code", "message", "usage", "text", "name", "status")


@cache
def words_of(dialect):
    """What the code that reads it compares with: texts without spaces."""
    files = {
        call.__code__.co_filename for call in (dialect.shaped, dialect.ask, dialect.frame, dialect.whole)
    }
    trees = [ast.parse(Path(name).read_text(encoding="utf-8")) for name in files]
    said = {n.value for tree in trees for n in ast.walk(tree) if isinstance(n, ast.Constant)}
    return sorted(
        {w for w in said if isinstance(w, str) and w.replace(".", "_").isidentifier()} | set(EVERYWHERE)
    )


@cache
def anything(dialect):
    words = st.sampled_from(words_of(dialect))
    leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4) | words
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=6),
        max_leaves=25,
    )


@settings(max_examples=40, deadline=None)
@pytest.mark.parametrize("name", DIALECTS)
@given(st.data(), st.booleans(), st.sampled_from((200, 500)))
def test_any_json_at_all_is_an_operation_and_never_an_exception(name, data, content, status):
    dialect = DIALECTS[name]
    values = anything(dialect)
    body = data.draw(values)
    assert dialect.shaped(body) in (True, False)
    reading = begun(dialect, body, content=content)
    events = st.sampled_from(("", *words_of(dialect)))
    for event, value in data.draw(st.lists(st.tuples(events, values), max_size=4)):
        reading.frame(Frame(1, "sse", event, json.dumps(value)))
    answer = Response(1, status, body=json.dumps(data.draw(values)).encode(), ended=2)

    found = reading.close(replace(EXCHANGE, response=answer))

    if dialect.fetched and found is None:
        return
    assert isinstance(found, ModelCall)
    json.dumps(facts_of(found), ensure_ascii=False).encode()
    assert all(v is None or 0 <= v < 1 << 63 for v in (found.usage.input, found.usage.output))
    assert all(v is None or isinstance(v, str) for v in (found.request_model, found.response_model))


@settings(max_examples=150, deadline=None)
@given(
    st.binary(max_size=200),
    st.binary(max_size=200),
    st.sampled_from(("/v1/chat/completions", "/v1/responses", "/v1/messages")),
)
def test_any_bytes_at_all_are_claimed_or_not_and_read_without_an_exception(asked, answered, path):
    for host in ("api.openai.com", "api.anthropic.com", "localhost"):
        exchange = Exchange(
            "i", "har", None, "c", 0, "client", Request(0, "POST", "https", host, 0, path, body=asked)
        )
        about = question(exchange)
        if dissector := choose(about):
            reading = dissector.open(about, content=True)
            reading.frame(Frame(0, "sse", "", answered.decode("utf-8", "replace")))
            reading.close(
                Exchange(
                    "i", "har", None, "c", 0, "client", exchange.request, Response(1, 200, body=answered)
                )
            )


def test_a_list_that_is_the_whole_answer_is_read_as_one_and_is_over():
    heard = []
    dialect = replace(
        OPENAI_CHAT, listed=lambda answer, values: heard.append(values) or setattr(answer, "found", True)
    )
    found = call(dialect, {}, {"id": "a"}, whole=[{"id": "a"}, 1])

    assert (heard, found.missing) == ([[{"id": "a"}, 1]], ())


def test_of_what_both_sides_say_the_answers_word_is_the_later():
    dialect = replace(
        OPENAI_CHAT, whole=lambda answer, value: answer.extras.update({"openai.api_type": value["said"]})
    )

    assert call(dialect, {}, whole={"said": "x"}).extras == (("openai.api_type", "x"),)
