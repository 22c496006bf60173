import pytest
from hypothesis import given

from hexr_autoinst.dissect.effects.browser_words import answered, asked, command, language
from hexr_autoinst.dissect.effects.browsing import Browsing
from tests.dissect.protocols.asking import any_json


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ({"id": 1, "method": "Page.navigate", "params": {}, "sessionId": "s"}, "cdp"),
        ({"id": 1, "method": "session.status", "params": {}}, "webdriver_bidi"),
        ({"id": 1, "method": "goog:cdp.getSession"}, None),
        ({"id": 1, "method": "Unknown.thing"}, None),
        ({"id": 1, "method": "Page.navigate", "jsonrpc": "2.0"}, None),
        ({"method": "Page.navigate"}, None),
        ({"id": True, "method": "Page.navigate"}, None),
        ([], None),
    ],
)
def test_a_language_is_known_by_a_domain_and_by_nothing_else_in_the_message(message, said):
    assert said == language(message)


def test_a_command_has_a_number_and_a_name():
    assert ["X.y", None, None] == [
        command(m) for m in ({"id": 0, "method": "X.y"}, {"id": 0}, {"id": 0, "method": 1})
    ]


@given(any_json)
def test_no_message_is_too_strange(message):
    session = Browsing("cdp")
    for one in (message, {"id": 1, "method": "Page.navigate", "params": message}, {"method": "Page.frameNavigated", "params": message},
                {"id": 1, "result": message, "error": message}, {"method": "Page.frameNavigated", "params": {"frame": message}}):  # fmt: skip
        language(one)
        asked(session, one)
        answered(session, one)
    assert session.url is None or isinstance(session.url, str)
