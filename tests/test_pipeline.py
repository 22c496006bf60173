"""The order of the rooms, the account, and law 9: a defect in any room costs one exchange and is counted."""

import json
from dataclasses import replace
from types import SimpleNamespace

import pytest
from opentelemetry.sdk.trace import ReadableSpan

from hexr_autoinst.config import Config, Session
from hexr_autoinst.dissect.candidates import Candidates
from hexr_autoinst.dissect.claim import Begun, Claim, Done
from hexr_autoinst.dissect.vendors import Vendors
from hexr_autoinst.model.exchange import Response
from hexr_autoinst.model.facts import (
    END_OF_TIME,
    Address,
    Chunk,
    Closed,
    Conn,
    Exited,
    Head,
    Key,
    Lost,
    Opened,
    Process,
    Tick,
)  # fmt: skip
from hexr_autoinst.model.operation import AgentCall, Effect
from hexr_autoinst.pipeline import Pipeline
from hexr_autoinst.semconv.measurement import Measurement
from hexr_autoinst.settings import settings
from tests.dissect import dialogues
from tests.dissect.doors import CALLER, T0

S = 1_000_000_000
AT = 1_800_000_000 * S
KEY = Key(7, 70)
CONN = Conn(KEY, 0xABC, 1)
PLANTED = "sk-planted-0123456789abcdefghij"
BODY = json.dumps({"model": "gpt-4o", "messages": [{"role": "user", "content": f"my key is {PLANTED}"}]})
REQUEST = (
    f"POST /v1/chat/completions HTTP/1.1\r\nHost: api.openai.com\r\nAuthorization: Bearer {PLANTED}\r\n"
    f"Content-Type: application/json\r\nContent-Length: {len(BODY)}\r\n\r\n{BODY}"
).encode()
ANSWER = json.dumps(
    {
        "id": "chatcmpl-1", "object": "chat.completion", "model": "gpt-4o-2024", "usage": {"prompt_tokens": 3, "completion_tokens": 4},
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "hi"}, "finish_reason": "stop"}],
    }
)  # fmt: skip
RESPONSE = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(ANSWER)}\r\n\r\n{ANSWER}".encode()


def facts():
    yield Process(AT, "ebpf", KEY, None, "/usr/bin/python3", ("python3", "analyst.py"), started=AT)
    yield Chunk(AT + S, "ebpf", CONN, "out", 0, REQUEST)
    yield Chunk(AT + 2 * S, "ebpf", CONN, "in", 0, RESPONSE)
    yield Closed(AT + 3 * S, "ebpf", CONN, KEY)
    yield Exited(AT + 4 * S, "ebpf", KEY, 0, None, 5)
    yield Lost(AT + 4 * S, "ebpf", "ring", 3)
    yield Tick(END_OF_TIME)


def pipeline(*, strict=False):
    return Pipeline(settings(Config(), Session(0, "aa", "bb", "host")), strict=strict)


def told(one):
    out = [o for f in facts() for o in one.feed(f)]
    return [o for o in out if isinstance(o, ReadableSpan)], [o for o in out if isinstance(o, Measurement)]


def test_an_exchange_becomes_a_span_under_its_invocation_and_measurements():
    one = pipeline(strict=True)
    spans, measurements = told(one)

    assert [s.name for s in spans] == ["hexr.llm.chat", "hexr.agent.invoke"]
    assert spans[1].context.span_id == spans[0].parent.span_id
    assert spans[0].resource.attributes["service.name"] == "analyst"
    assert next(m.value for m in measurements if m.instrument == "hexr.llm.input_tokens") == 3


def test_the_account_holds_at_every_step_and_nothing_is_open_at_the_end():
    one = pipeline(strict=True)
    for fact in facts():
        one.feed(fact)
        assert one.account.balanced, (fact, one.account.as_dict())

    assert (one.account.issued, one.account.dropped["ring"], one.account.open) == (8, 3, 0)
    assert one.account.told == 2


def test_the_same_facts_give_the_same_spans():
    first, again = (["".join(s.to_json() for s in told(pipeline())[0])] for _ in range(2))

    assert first == again


def test_no_credential_comes_out():
    spans, measurements = told(pipeline())

    assert PLANTED not in "".join(s.to_json() for s in spans) + str(measurements)


@pytest.mark.parametrize(
    ("place", "target"),
    [
        ("wire", "hexr_autoinst.wire.assembly.Wire.feed"),
        ("dissect.claim", "hexr_autoinst.pipeline.choose"),
        ("dissect.openai", "hexr_autoinst.dissect.reading.ModelReading.close"),
        ("correlate.world", "hexr_autoinst.correlate.Correlate.world"),
        ("correlate.asked", "hexr_autoinst.correlate.Correlate.asked"),
        ("correlate.ended", "hexr_autoinst.correlate.Correlate.ended"),
        ("semconv.spans", "hexr_autoinst.pipeline.to_span"),
        ("semconv.metrics", "hexr_autoinst.pipeline.measure"),
    ],
)
def test_a_room_that_raises_is_counted_by_name_and_the_rest_goes_on(monkeypatch, place, target):
    def broken(*args, **kwargs):
        raise RuntimeError(place)

    monkeypatch.setattr(target, broken)
    one = pipeline()
    told(one)

    assert one.account.swallowed[place] >= 1
    with pytest.raises(RuntimeError, match=place):
        told(pipeline(strict=True))


def chunk_of(text):
    return f"{len(text):x}\r\n{text}\r\n".encode()


STREAM = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    + chunk_of('data: {"id":"chatcmpl-1","model":"m","choices":[{"index":0,"delta":{"content":"hi"}}]}\n\n')
)
DONE = chunk_of("data: [DONE]\n\n")


@pytest.mark.parametrize(
    ("answer", "missing"), [(STREAM + DONE, None), (STREAM, ("truncated:response",))], ids=["said", "cut"]
)
def test_a_stream_is_whole_when_its_speakers_own_end_was_seen(answer, missing):
    one = pipeline(strict=True)
    out = []
    for fact in (
        *list(facts())[:2],
        Chunk(AT + 2 * S, "ebpf", CONN, "in", 0, answer),
        Closed(AT + 3 * S, "ebpf", CONN, KEY),
        Tick(END_OF_TIME),
    ):
        out += one.feed(fact)
    (span,) = (s for s in out if isinstance(s, ReadableSpan) and s.name == "hexr.llm.chat")

    assert missing == (span.attributes.get("hexr.capture.missing") or None)


class Counting:
    """A listener that takes each frame of a POST to /talk as one call, and its answer's end as theirs."""

    name = "counting"

    def __init__(self, exchange=None, *, broken="", nothing=False):
        self.exchange, self.broken, self.nothing, self.n = exchange, broken, nothing, 0

    def claim(self, question):
        return Claim.HOST if question.path == "/talk" else Claim.NO

    def open(self, question, *, content):
        assert content is False
        return Counting(question.exchange, broken=self.broken, nothing=self.nothing)

    def call(self, n):
        return AgentCall("mcp", "tools/call", "call", target=f"t{n}", request_id=str(n))

    def begin(self):
        self._may_break("begin")
        return (Begun(replace(self.exchange, part="first"), self.call(0)),)

    def frame(self, frame):
        self._may_break("frame")
        self.n += 1
        part = replace(self.exchange, part=str(self.n))
        return Begun(part, self.call(self.n)), Done(
            replace(part, response=Response(frame.at, 200)), self.call(self.n)
        )

    def close(self, exchange):
        self._may_break("close")
        return None if self.nothing else (Done(replace(exchange, part="first"), self.call(0)),)

    def _may_break(self, where):
        if self.broken == where:
            raise RuntimeError(where)


TALK = b"POST /talk HTTP/1.1\r\nHost: tools.example\r\nContent-Length: 2\r\n\r\n{}"
TOLD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: {}\n\ndata: {}\n\n"


def talking(monkeypatch, listener, *, strict=False):
    monkeypatch.setattr("hexr_autoinst.dissect.CANDIDATES", Candidates(Vendors(()), (listener,)))
    one, out = pipeline(strict=strict), []
    for fact in (
        next(facts()),
        Chunk(AT + S, "ebpf", CONN, "out", 0, TALK),
        Chunk(AT + 2 * S, "ebpf", CONN, "in", 0, TOLD),
        Closed(AT + 3 * S, "ebpf", CONN, KEY),
        Exited(AT + 4 * S, "ebpf", KEY, 0, None, 5),
        Tick(END_OF_TIME),
    ):
        out += one.feed(fact)
        assert one.account.balanced, (fact, one.account.as_dict())
    assert (one.account.open, one._readings, one._correlate._standing) == (0, {}, {})
    return one, [o for o in out if isinstance(o, ReadableSpan)]


def test_an_exchange_that_carries_calls_tells_each_and_is_spent_once(monkeypatch):
    one, spans = talking(monkeypatch, Counting(), strict=True)

    calls = [s for s in spans if s.name == "hexr.gateway.call"]
    assert sorted(s.attributes["tool_name"] for s in calls) == ["t0", "t1", "t2"]
    assert len({s.context.span_id for s in calls}) == 3
    assert len({s.attributes["hexr.exchange.id"] for s in calls}) == 1
    (root,) = (s for s in spans if s.name == "hexr.agent.invoke")
    assert {s.parent.span_id for s in calls} == {root.context.span_id}
    assert root.attributes["hexr.agent.tool_calls"] == 3
    assert one.account.told == 2


def test_a_listener_that_found_nothing_leaves_what_it_told_and_takes_back_what_is_open(monkeypatch):
    one, spans = talking(monkeypatch, Counting(nothing=True), strict=True)

    assert sorted(s.attributes["tool_name"] for s in spans if s.name == "hexr.gateway.call") == ["t1", "t2"]
    assert one.account.ignored["unclaimed"] == 0


def test_what_meant_nothing_to_its_listener_is_what_is_left_for_anybodys(monkeypatch):
    one, spans = talking(monkeypatch, Counting(nothing=True), strict=True)

    (left,) = (s for s in spans if s.name == "hexr.tool.invoke")
    assert left.attributes["service"] == "tools.example"
    assert one.account.told == 2


@pytest.mark.parametrize(("broken", "left"), [("begin", 3), ("frame", 1), ("close", 2)])
def test_a_listener_that_raises_is_counted_and_the_rest_goes_on(monkeypatch, broken, left):
    one, spans = talking(monkeypatch, Counting(broken=broken))

    assert one.account.swallowed["dissect.counting"] >= 1
    assert len([s for s in spans if s.name == "hexr.gateway.call"]) == left


BOSS, WORKER = Key(10, 100), Key(20, 200)
HERE, THERE = Address("127.0.0.1", 40000), Address("127.0.0.1", 9000)


def http(line, body):
    return f"{line}\r\nHost: worker:9000\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


def rpc(**more):
    return json.dumps({"jsonrpc": "2.0", "id": 1, **more})


def between(asked, answered, path="/"):
    """One call between two processes of one host, as the kernel sees both ends of it; the worker asks a model meanwhile."""
    ours, theirs, model = Conn(BOSS, 1, 1), Conn(WORKER, 2, 1), Conn(WORKER, 3, 1)
    request, answer = http(f"POST {path} HTTP/1.1", asked), http("HTTP/1.1 200 OK", answered)
    return (
        Process(AT, "ebpf", BOSS, None, "/usr/bin/python3", ("python3", "boss.py"), started=AT),
        Process(AT, "ebpf", WORKER, None, "/usr/bin/python3", ("python3", "worker.py"), started=AT),
        Opened(AT + 1, "ebpf", ours, BOSS, HERE, THERE, "client"),
        Opened(AT + 2, "ebpf", theirs, WORKER, THERE, HERE, "server"),
        Chunk(AT + 1 * S, "ebpf", ours, "out", 0, request),
        Chunk(AT + 2 * S, "ebpf", theirs, "in", 0, request),
        Chunk(AT + 3 * S, "ebpf", model, "out", 0, REQUEST),
        Chunk(AT + 4 * S, "ebpf", model, "in", 0, RESPONSE),
        Chunk(AT + 5 * S, "ebpf", theirs, "out", 0, answer),
        Chunk(AT + 6 * S, "ebpf", ours, "in", 0, answer),
        *(Closed(AT + 7 * S, "ebpf", c, c.key) for c in (ours, theirs, model)),
        Tick(END_OF_TIME),
    )  # fmt: skip


SENT = rpc(
    method="message/send",
    params={"message": {"messageId": "0b7c6f9e-8e0b-4b63-93a5-5d0c9a3a7a10", "role": "user", "parts": [{"kind": "text", "text": "x"}]}},
)  # fmt: skip
TASK = rpc(result={"kind": "task", "id": "t-1", "contextId": "c-1", "status": {"state": "completed"}})
CALLED = rpc(method="tools/call", params={"name": "add", "arguments": {"a": 1}})
ADDED = rpc(result={"content": [{"type": "text", "text": "2"}], "isError": False})


@pytest.mark.parametrize(
    ("asked", "answered", "client", "server", "invoked"),
    [
        (SENT, TASK, "hexr.a2a.client.send", "hexr.a2a.bridge.execute", True),
        (CALLED, ADDED, "hexr.gateway.call", "hexr.gateway.call", False),
    ],
    ids=["a2a", "mcp"],
)
def test_a_call_between_two_processes_is_one_trace_from_the_bytes_of_both_ends(
    asked, answered, client, server, invoked
):
    one, out = pipeline(strict=True), []
    for fact in between(asked, answered):
        out += one.feed(fact)
        assert one.account.balanced
    spans = {(s.name, s.kind.name): s for s in out if isinstance(s, ReadableSpan)}

    sent, served = spans[client, "CLIENT"], spans[server, "SERVER"]
    asked_model = spans["hexr.llm.chat", "CLIENT"]
    assert len({s.context.trace_id for s in spans.values() if s.name != "hexr.agent.invoke"}) == 1
    assert served.parent.span_id == sent.context.span_id
    assert [x.context.span_id for x in sent.links] == [served.context.span_id]
    assert (sent.resource.attributes["service.name"], served.resource.attributes["service.name"]) == (
        "boss",
        "worker",
    )
    assert served.attributes["source_agent"] == "boss"
    if invoked:
        assert sent.attributes["target_agent"] == "worker"
        assert spans["hexr.agent.invoke", "SERVER"].parent.span_id == served.context.span_id
        assert asked_model.parent.span_id == spans["hexr.agent.invoke", "SERVER"].context.span_id
        assert (sent.attributes["task_state"], served.attributes["task_id"]) == ("completed", "t-1")
    else:
        assert asked_model.parent.span_id == served.context.span_id
        assert (served.attributes["tool_name"], served.attributes["arguments"]) == ("add", ("a",))
    assert one.account.open == 0


STREAM_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
FIRST = b'data: {"id": "c", "model": "m", "choices": [{"index": 0, "delta": {"content": "hi"}, "finish_reason": null}]}\n\n'
LAST = b'data: {"id": "c", "model": "m", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}\n\ndata: [DONE]\n\n'


@pytest.mark.parametrize(
    ("events", "missing", "error"),
    [
        (FIRST, ("truncated:response", "closed_by_client"), None),
        (FIRST + LAST, None, None),
    ],
)
def test_of_a_stream_that_is_cut_is_told_by_whom_and_one_with_its_vendors_end_is_whole(
    events, missing, error
):
    one = pipeline(strict=True)
    head, body = REQUEST, STREAM_HEAD + f"{len(events):x}\r\n".encode() + events + b"\r\n"
    told = [
        o
        for f in (
            Process(AT, "ebpf", KEY, None, "/usr/bin/python3", ("python3", "analyst.py"), started=AT),
            Chunk(AT + S, "ebpf", CONN, "out", 0, head),
            Chunk(AT + 2 * S, "ebpf", CONN, "in", 0, body),
            Exited(AT + 4 * S, "ebpf", KEY, 0, None, 5),
            Tick(END_OF_TIME),
        )
        for o in one.feed(f)
    ]
    (span,) = [o for o in told if isinstance(o, ReadableSpan) and o.name == "hexr.llm.chat"]

    assert span.attributes.get("hexr.capture.missing") == missing
    assert span.attributes.get("error.type") == error


def test_an_answer_that_is_a_stream_is_open_while_it_goes_on():
    one = pipeline(strict=True)
    body = BODY.replace('"messages"', '"stream": true, "messages"')
    head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: api.openai.com\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    event = json.dumps(
        {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"content": "a"}}]}
    )
    answer = f"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: {event}\n\n"

    def active(fact):
        found = [
            o for o in one.feed(fact) if isinstance(o, Measurement) and o.instrument == "hexr.sse.active"
        ]
        return [(m.value, dict(m.labels)["protocol"], dict(m.labels)["end"]) for m in found]

    assert [] == active(
        Process(AT, "ebpf", KEY, None, "/usr/bin/python3", ("python3", "analyst.py"), started=AT)
    )
    assert [] == active(Chunk(AT + S, "ebpf", CONN, "out", 0, head.encode()))
    assert [(1, "model", "client")] == active(Chunk(AT + 2 * S, "ebpf", CONN, "in", 0, answer.encode()))
    assert [] == active(Chunk(AT + 3 * S, "ebpf", CONN, "in", 1, f"data: {event}\n\n".encode()))
    assert [(-1, "model", "client")] == active(Closed(AT + 4 * S, "ebpf", CONN, KEY))


def test_what_is_only_counted_makes_no_span_and_spends_its_facts(monkeypatch):
    one = pipeline(strict=True)
    write = Effect("cache", "write", facts=(("db.system", "redis"),), counted=True)
    reading = SimpleNamespace(asked=write, kept=(), nested=None, frame=lambda f: None, close=lambda e: write)
    written = SimpleNamespace(name="x", open=lambda q, content: reading)
    monkeypatch.setattr("hexr_autoinst.pipeline.choose", lambda q: written)
    declared = Process(
        AT, "ebpf", KEY, None, "/usr/bin/python3", ("python3",), env={"HEXR_AGENT_NAME": "a"}, started=AT
    )
    out = [o for f in (declared, *list(facts())[1:]) for o in one.feed(f)]

    assert [] == [o.name for o in out if isinstance(o, ReadableSpan)]
    assert 1 == [o.instrument for o in out if isinstance(o, Measurement)].count("hexr.store.operations")
    assert one.account.balanced
    assert 0 == one.account.open


@pytest.mark.parametrize("case", dialogues.DIALOGUES, ids=dialogues.IDS)
def test_each_call_of_a_dialogue_that_both_planes_see_is_told_once(case):
    talk, ours = dialogues.load(case), Address("127.0.0.1", 5)
    kernel = [f for f in dialogues.by_bytes(talk, 1000) if not isinstance(f, Opened | Tick)]
    proxy = [
        replace(f, at=f.at + 500, **({"local": ours} if isinstance(f, Head) else {}))
        for f in dialogues.by_messages(talk, 1000)
        if not isinstance(f, Tick)
    ]
    one = pipeline(strict=True)
    facts = [
        Process(T0 - 9, "ebpf", CALLER, None, "/usr/bin/python3", ("python3", "a.py"), started=T0 - 9),
        Opened(T0 - 5, "ebpf", dialogues.CONN, CALLER, ours, Address("127.0.0.1", 7718), "client"),
        *sorted([*kernel, *proxy], key=lambda f: f.at),
        Tick(END_OF_TIME),
    ]
    told = [o for f in facts for o in one.feed(f) if isinstance(o, ReadableSpan)]
    calls = [o for o in told if o.name.startswith("hexr.llm.")]

    assert len(calls) == len(talk["expect"])
    assert {o.attributes["hexr.capture.seen_by"] for o in calls} == {("ebpf", "proxy")}
    assert one.account.balanced
    assert one.account.open == 0
