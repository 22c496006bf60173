import pytest
from hypothesis import given

from hexr_autoinst.dissect.effects.webdriver import EFFECT
from hexr_autoinst.model.facts import END_OF_TIME, Exited, Tick
from tests.dissect.effects.doors import AGENT, KEY, MS, Talk, by_bytes, facts, only, play, post, socket, tell
from tests.dissect.protocols.asking import answered, any_json, asked

ID = "bc58d6b6a32825557424362491644fd7"
AT = "http://localhost:9515"
HERE = f"{AT}/session/{ID}"
NEW = {"capabilities": {"alwaysMatch": {"browserName": "chrome", "webSocketUrl": True}}}
MADE = {
    "value": {
        "sessionId": ID,
        "capabilities": {"browserName": "chrome", "goog:chromeOptions": {"debuggerAddress": "localhost:1"}},
    }
}
DONE = {"value": None}
OPEN = post(f"{AT}/session", NEW, MADE)
QUIT = Talk("DELETE", HERE, None, DONE)
SAID = (
    "url",
    "actions_count",
    "hexr.browser.protocol",
    "hexr.browser.name",
    "hexr.browser.failed_actions",
    "hexr.capture.missing",
)


def go(url, **more):
    return post(f"{HERE}/url", {"url": url}, DONE, **more)


def test_a_session_is_one_span_of_the_exchange_that_opened_it():
    nope = post(
        f"{HERE}/element",
        {"using": "css", "value": "x"},
        {"value": {"error": "no such element", "message": "m"}},
        status=404,
    )
    title = Talk("GET", f"{HERE}/title", None, {"value": "t"})
    name, failed, said = only(
        OPEN, go("https://first.test/a?q=secret"), title, go("http://user:pw@Last.test:81/b"), nope, QUIT
    )

    assert ("hexr.browser.browse", False) == (name, failed)
    assert facts(said, *SAID) == {
        "url": "last.test",
        "actions_count": 4,
        "hexr.browser.protocol": "webdriver",
        "hexr.browser.name": "chrome",
        "hexr.browser.failed_actions": 1,
    }
    assert said["hexr.capture.complete"]


def test_its_time_is_from_its_first_exchange_to_its_last():
    (span,) = play([AGENT, *by_bytes((OPEN, go("http://a.test/"), QUIT), 1 << 16)])

    assert span.end_time - span.start_time > 20 * MS
    assert span.attributes["hexr.exchange.id"]


def test_the_whole_url_is_content():
    _, _, said = only(OPEN, go("https://u:p@a.test/x?y=1"), QUIT, content=True)

    assert "https://a.test/x?y=1" == said["url"]


@pytest.mark.parametrize(
    "url", ["about:blank", "data:text/html,x", "chrome://version", "http://", "no url", 7, None]
)
def test_what_is_on_no_host_is_no_place(url):
    _, _, said = only(OPEN, go("http://a.test/"), go(url), QUIT)

    assert ("a.test", 2) == (said["url"], said["actions_count"])


def test_a_session_that_is_never_deleted_is_told_as_far_as_it_went():
    _, failed, said = only(OPEN, go("http://a.test/"))

    assert (False, "a.test", 1, ("open_at_end",)) == (
        failed,
        said["url"],
        said["actions_count"],
        said["hexr.capture.missing"],
    )


def test_one_whose_process_ends_is_told_then_and_its_turn_closes():
    *run, _ = by_bytes((OPEN, go("http://a.test/")), 1 << 16)
    last = run[-1].at
    run += [Exited(last, "ebpf", KEY, 0, None, 1), Tick(last + 1000 * MS), Tick(END_OF_TIME)]
    told = play([AGENT, *run])

    assert [("hexr.browser.browse", "a.test")] == [(s.name, s.attributes["url"]) for s in told]


def test_a_session_that_is_refused_failed():
    answer = {
        "value": {"error": "session not created", "message": "probably user data directory is already in use"}
    }
    _, failed, said = only(post(f"{AT}/session", NEW, answer, status=500))

    assert (True, "session not created", 0) == (failed, said["error.type"], said["actions_count"])


def test_a_session_that_is_gone_is_over_and_what_comes_later_is_nothing():
    lost = post(
        f"{HERE}/url",
        {"url": "http://b.test/"},
        {"value": {"error": "invalid session id", "message": "x"}},
        status=404,
    )
    _, failed, said = only(OPEN, go("http://a.test/"), lost, lost, QUIT)

    assert (True, "invalid session id", "a.test", 2) == (
        failed,
        said["error.type"],
        said["url"],
        said["actions_count"],
    )


@pytest.mark.parametrize(("left", "over"), [([], True), (["w"], False)])
def test_the_last_window_that_is_closed_ends_it(left, over):
    _, _, said = only(OPEN, Talk("DELETE", f"{HERE}/window", None, {"value": left}))

    assert 1 == said["actions_count"]
    assert over == said["hexr.capture.complete"]


def test_a_second_door_of_a_session_is_no_session_more():
    bidi = socket(
        f"ws://127.0.0.1:9515/session/{ID}",
        ("request", {"id": 1, "method": "browsingContext.navigate", "params": {"url": "http://b.test/"}}),
        ("response", {"id": 1, "type": "success", "result": {"navigation": "n", "url": "http://c.test/"}}),
    )
    _, _, said = only(OPEN, go("http://a.test/"), bidi, QUIT)

    assert ("c.test", 2) == (said["url"], said["actions_count"])


def test_a_session_that_was_open_before_begins_with_its_first_command():
    _, _, said = only(go("http://a.test/"), Talk("GET", f"{HERE}/source", None, {"value": "x"}), QUIT)

    assert ("a.test", 2, ("joined_mid_session",)) == (
        said["url"],
        said["actions_count"],
        said["hexr.capture.missing"],
    )


def test_other_sessions_are_nobodys():
    login = post("http://h.test/session", {"user": "a"}, {"sessionId": "x"})
    basket = Talk("GET", "http://h.test/session/42/title", None, {})

    assert [] == tell(login, basket, Talk("DELETE", HERE, None, DONE))


def test_an_opening_that_brings_no_session_is_none():
    assert [] == tell(post("http://h.test/session", {"capabilities": {}}, {"ok": True}))


def test_the_sessions_of_the_old_protocol_have_their_id_outside():
    old = post(
        f"{AT}/wd/hub/session",
        {"desiredCapabilities": {}},
        {"sessionId": ID, "status": 0, "value": {"browserName": "firefox"}},
    )
    _, _, said = only(old, Talk("DELETE", f"{AT}/wd/hub/session/{ID}", None, DONE))

    assert ("firefox", 0) == (said["hexr.browser.name"], said["actions_count"])


@given(body=any_json, answer=any_json)
def test_no_answer_is_too_strange(body, answer):
    for one in (asked({"capabilities": {}}, url=f"{AT}/session"), asked(body, url=f"{HERE}/url")):
        if EFFECT.claim(one):
            ear = EFFECT.open(one, content=False)
            ear.begin()
            ear.close(answered(one.exchange, answer))
