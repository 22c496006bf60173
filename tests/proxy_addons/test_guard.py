import asyncio
import json
from collections import Counter

import pytest

pytest.importorskip("mitmproxy", reason="mitmproxy's environment is not here (HEXR_PROXY_PYTHON names it)")

from mitmproxy import http

from hexr_autoinst.model.facts import Data, End, Head, Key
from proxy_addons.guard import Guard, Way
from proxy_addons.guard_client import LONGEST, Answer
from proxy_addons.tap import HELD, Tap
from tests.proxy_addons.test_tap import Sink, a_client, a_flow

NO = Answer(
    200, (("content-type", "application/json"),), b'{"is_valid": false, "scanners": {"Toxicity": 0.9}}'
)
YES = Answer(200, (), b'{"is_valid": true}')
ASK = json.dumps({"model": "m", "messages": [{"role": "user", "content": "hi"}]}).encode()
SAID = json.dumps({"choices": [{"message": {"content": "hello"}}]}).encode()


class FakeClient:
    """Answers as it is told to, when it is let."""

    scheme, authority, base = "http", "guard:8000", ""

    def __init__(self, answer):
        self.answer, self.asked, self.counts = answer, [], Counter()
        self.may = asyncio.Event()

    async def ask(self, path, body):
        self.asked.append((path, json.loads(body)))
        await self.may.wait()
        return self.answer


class Stage:
    """The guard step before a tap, and one flow through both."""

    def __init__(self, answer, *, enforce):
        self.sink, clock = Sink(), iter(range(1, 1000))
        now = lambda: next(clock)  # noqa: E731 - the tap's clock too
        self.tap = Tap(self.sink, now, lambda _: Key(42, 4711))
        self.client = FakeClient(answer)
        self.guard = Guard(
            self.client, self.tap, Way(self.sink, now, lambda _: Key(42, 4711)), enforce=enforce
        )
        self.tap.beside = self.guard.seen
        self.flow = a_flow(a_client())

    async def ask(self, body=ASK, content_type="application/json"):
        request = self.flow.request
        request.headers["content-type"] = content_type
        request.headers["content-length"] = str(len(body))
        for addon in (self.guard, self.tap):
            addon.requestheaders(self.flow)
        if HELD in self.flow.metadata:
            request.raw_content = body
        else:
            request.stream(body)
        await self.guard.request(self.flow)
        self.tap.request(self.flow)

    async def answer(self, body=SAID):
        self.flow.response = http.Response.make(200, b"", {"content-type": "application/json"})
        self.tap.responseheaders(self.flow)
        self.flow.response.stream(body)
        self.end()
        await asyncio.sleep(0.01)

    def end(self):
        for addon in (self.guard, self.tap):
            addon.response(self.flow)

    def heads(self):
        return [(x.side, x.conn.partition("#")[2], x.ordinal) for x in self.sink if isinstance(x, Head)]


def play(scene, answer=YES, *, enforce=False):
    async def main():
        stage = Stage(answer, enforce=enforce)
        await scene(stage)
        return stage

    return asyncio.run(main())


def test_watching_holds_nothing_up_and_tells_both_scans_beside_their_call():
    async def scene(stage):
        await stage.ask()
        await stage.answer()  # before the guard has said a word
        stage.client.may.set()
        await asyncio.sleep(0.01)

    stage = play(scene, NO)

    assert stage.client.asked == [
        ("/analyze/prompt", {"prompt": "hi"}),
        ("/analyze/output", {"prompt": "hi", "output": "hello"}),
    ]
    assert stage.flow.response.status_code == 200
    assert sorted(stage.heads()) == [
        ("request", "", 0), ("request", "output", 0), ("request", "prompt", 0),
        ("response", "", 0), ("response", "output", 0), ("response", "prompt", 0),
    ]  # fmt: skip
    ends = Counter(x.flow for x in stage.sink if isinstance(x, End))
    assert ends == dict.fromkeys((stage.flow.id, f"{stage.flow.id}#prompt", f"{stage.flow.id}#output"), 2)
    assert {x.key for x in stage.sink if isinstance(x, Head)} == {Key(42, 4711)}


def test_enforcing_answers_in_the_vendors_own_shape_and_never_asks_the_model():
    async def scene(stage):
        stage.client.may.set()
        await stage.ask()
        stage.end()

    stage = play(scene, NO, enforce=True)

    assert stage.flow.response.status_code == 400
    assert json.loads(stage.flow.response.content)["error"]["message"] == "Blocked by the guard: Toxicity"
    assert stage.heads() == [
        ("request", "prompt", 0), ("response", "prompt", 0), ("request", "", 0), ("response", "", 0),
    ]  # fmt: skip
    bodies = [x.data for x in stage.sink if isinstance(x, Data) and x.flow == stage.flow.id]
    assert bodies == [ASK, stage.flow.response.raw_content]
    assert stage.client.counts["guard_blocked"] == 1


@pytest.mark.parametrize("answer", [YES, Answer()], ids=["agrees", "gone"])
def test_what_is_held_goes_on_whole_where_nobody_objects(answer):
    async def scene(stage):
        stage.client.may.set()
        await stage.ask()

    stage = play(scene, answer, enforce=True)

    assert stage.flow.response is None
    assert stage.flow.request.raw_content == ASK
    assert [x.data for x in stage.sink if isinstance(x, Data) and x.flow == stage.flow.id] == [ASK]
    assert [x.error for x in stage.sink if isinstance(x, End) and x.flow.endswith("#prompt")] == [
        "", "" if answer.status else "closed_by_server",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "kind"), [(b"a=b", "application/x-www-form-urlencoded"), (b'{"a": 1}', "application/json")]
)
def test_what_is_no_model_request_is_not_shown(body, kind):
    async def scene(stage):
        await stage.ask(body, kind)
        await stage.answer()

    assert play(scene, enforce=True).client.asked == []


def test_what_is_too_long_passes_and_is_counted():
    async def announced(stage):
        await stage.ask(b" " * (LONGEST + 1))

    async def answered(stage):
        await stage.ask()
        await stage.answer(b" " * (LONGEST + 1))

    for scene in (announced, answered):
        stage = play(scene)
        assert stage.client.counts["guard_not_asked"] == 1
    assert [path for path, _ in stage.client.asked] == ["/analyze/prompt"]


def test_a_client_that_goes_away_is_forgotten():
    async def scene(stage):
        await stage.ask()
        stage.guard.client_disconnected(stage.flow.client_conn)
        await stage.answer()

    assert [path for path, _ in play(scene).client.asked] == ["/analyze/prompt"]
