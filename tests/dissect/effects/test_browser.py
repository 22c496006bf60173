from dataclasses import replace

import pytest

from hexr_autoinst.model.facts import END_OF_TIME, Chunk, Conn, Key, Process, Tick
from tests.dissect.effects.doors import AGENT, KEY, by_bytes, facts, only, play, post, socket, tell

SAID = (
    "url",
    "actions_count",
    "hexr.browser.protocol",
    "hexr.browser.name",
    "hexr.browser.failed_actions",
    "error.type",
)
URL = "ws://127.0.0.1:9222/devtools/browser/6b1f"


def ask(number, method, session=None, **params):
    return "request", {
        "id": number,
        "method": method,
        "params": params,
        **({"sessionId": session} if session else {}),
    }


def answer(number, session=None, **said):
    return "response", {"id": number, **said, **({"sessionId": session} if session else {})}


def event(method, session=None, **params):
    return "response", {"method": method, "params": params, **({"sessionId": session} if session else {})}


def told(*said, url=URL, **more):
    name, failed, found = only(socket(url, *said), **more)
    assert "hexr.browser.browse" == name
    return failed, facts(found, *SAID)


def test_commands_are_counted_and_those_that_only_enable_are_not():
    found = told(
        ask(1, "Browser.getVersion"),
        answer(1, result={"product": "Chrome/156.0.1.2"}),
        ask(2, "Target.attachToTarget", targetId="t", flatten=True),
        answer(2, result={"sessionId": "S1"}),
        ask(3, "Page.enable", "S1"),
        ask(4, "Network.enable", "S2"),
        ask(5, "Page.navigate", "S1", url="https://a.test/x?token=1"),
        answer(5, "S1", result={"frameId": "F", "loaderId": "L"}),
        ask(6, "Runtime.evaluate", "S2", expression="1"),
        answer(6, "S2", error={"code": -32000, "message": "no"}),
    )

    assert found == (
        False,
        {
            "url": "a.test",
            "actions_count": 4,
            "hexr.browser.protocol": "cdp",
            "hexr.browser.name": "Chrome/156.0.1.2",
            "hexr.browser.failed_actions": 1,
        },
    )


def test_a_page_goes_by_itself_and_what_stands_in_it_does_not_count():
    _, found = told(
        ask(1, "Target.createTarget", url="http://a.test/"),
        event("Page.frameNavigated", "S", frame={"id": "F", "url": "http://b.test/click"}),
        event("Page.frameNavigated", "S", frame={"id": "G", "parentId": "F", "url": "http://ads.test/"}),
        event("Page.frameNavigated", "S", frame={"id": "F", "url": "chrome-error://chromewebdata/"}),
    )

    assert "b.test" == found["url"]


def test_the_whole_url_is_content():
    _, found = told(ask(1, "Page.navigate", url="https://me:pw@a.test/x?y=1"), content=True)

    assert "https://a.test/x?y=1" == found["url"]


def test_the_other_language_is_known_by_its_domains():
    _, found = told(
        ask(1, "session.new", capabilities={}),
        answer(1, type="success", result={"sessionId": "s", "capabilities": {"browserName": "firefox"}}),
        ask(2, "session.subscribe", events=["log.entryAdded"]),
        ask(3, "browsingContext.navigate", context="c", url="http://a.test/"),
        answer(3, type="success", result={"navigation": None, "url": "http://b.test/"}),
        ask(4, "goog:cdp.sendCommand", session_="X"),
        answer(4, type="error", error="unknown command", message="m"),
        url="ws://localhost:9222/session",
    )

    assert found == {
        "url": "b.test",
        "actions_count": 4,
        "hexr.browser.protocol": "webdriver_bidi",
        "hexr.browser.name": "firefox",
        "hexr.browser.failed_actions": 1,
    }


@pytest.mark.parametrize(
    ("method", "protocol"), [("Page.navigate", "cdp"), ("browsingContext.navigate", "webdriver_bidi")]
)
def test_a_browser_of_somebody_elses_is_known_by_its_first_commands(method, protocol):
    _, found = told(ask(1, method, url="http://a.test/"), url="wss://cloud.test/?apiKey=x")

    assert {"url": "a.test", "actions_count": 1, "hexr.browser.protocol": protocol} == found


@pytest.mark.parametrize(
    "said",
    [
        [("request", {"jsonrpc": "2.0", "id": 1, "method": "Page.navigate"})],
        [
            ("request", {"id": 1, "method": "thread.start"}),
            ("request", {"id": "1", "method": "Page.navigate"}),
        ],
        [
            ("request", "no json"),
            ("request", ["x"]),
            ("request", {}),
            ("request", {"a": 1}),
            ("request", {}),
            ask(1, "Page.navigate"),
        ],
        [("request", b"\0\1\2"), ("response", b"\0" * 9)],
    ],
)
def test_another_socket_is_nobodys(said):
    assert [] == tell(socket("wss://chat.test/socket", *said))


def test_what_is_never_answered_unknown_binary_or_enormous_costs_nothing():
    picture = "A" * (1 << 20)
    _, found = told(
        *(ask(n, "Unheard.ofCommand") for n in range(50)),
        ("request", b"\0\1"),
        ("request", "{"),
        ("request", {"id": 1, "method": 7}),
        answer(1, result={"data": picture}),
        ("response", b"\xff" * 4096),
        ("response", "no json"),
        event("Page.frameNavigated", frame=[1]),
        sizes=(1 << 16,),
    )

    assert {"actions_count": 50, "hexr.browser.protocol": "cdp"} == found


def test_a_socket_that_is_refused_is_a_session_that_failed():
    refused = socket(URL)
    refused.status, refused.answer = 403, b"Rejected an incoming WebSocket connection"
    refused.headers = (("Upgrade", "websocket"), ("Connection", "Upgrade"))
    _, failed, found = only(refused)

    assert (True, "403", 0) == (failed, found["error.type"], found["actions_count"])


def test_a_session_that_never_ends_is_told_at_the_end():
    (span,) = play(
        [AGENT, *by_bytes((socket(URL, ask(1, "Page.navigate", url="http://a.test/"), closes=False),), 99)]
    )

    assert ("a.test", False) == (span.attributes["url"], span.attributes["hexr.capture.complete"])


def test_the_socket_that_a_driver_opens_is_no_session():
    driver = Key(8, 8)
    new = post(
        "http://localhost:9515/session",
        {"capabilities": {}},
        {"value": {"sessionId": "a" * 32, "capabilities": {}}},
    )
    own = socket("ws://localhost:1/devtools/browser/x", ask(1, "Target.getTargets"), key=driver)
    others = socket("ws://localhost:2/devtools/browser/y", ask(1, "Page.navigate"), key=Key(9, 9))
    chunks = [f for f in by_bytes((new, own, others), 1 << 16) if isinstance(f, Chunk)]
    asked, answered, *sockets = chunks
    turned = {"out": "in", "in": "out"}
    served = [replace(f, conn=Conn(driver, 99, 0), direction=turned[f.direction]) for f in (asked, answered)]
    other = Process(
        asked.at,
        "ebpf",
        Key(9, 9),
        None,
        "/usr/bin/node",
        ("node", "b.js"),
        {"HEXR_AGENT_NAME": "b"},
        started=1,
    )
    child = Process(asked.at, "ebpf", driver, KEY, "/usr/bin/chromedriver", ("chromedriver",), started=1)
    told = play([AGENT, other, child, asked, served[0], *sockets, served[1], answered, Tick(END_OF_TIME)])

    assert ["a", "b"] == sorted(s.resource.attributes["service.name"] for s in told)
    assert {"webdriver", "cdp"} == {s.attributes["hexr.browser.protocol"] for s in told}
