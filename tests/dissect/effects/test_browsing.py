import pytest

from hexr_autoinst.dissect.effects.browsing import Browsing
from hexr_autoinst.model.operation import Failure


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://a.test", "a.test"),
        ("HTTPS://A.Test:8443/x", "a.test"),
        ("http://u:p@[2001:db8::1]:80/", "2001:db8::1"),
        ("http://a.test\\@b.test/", "a.test"),
        ("file:///etc/passwd", None),
        ("http://" + "x" * 300, None),
        ("javascript:alert(1)//http://a.test", None),
    ],
)
def test_a_place_is_a_host_of_the_network(url, host):
    session = Browsing("cdp")
    session.went(url)

    assert host == session.url


def test_a_whole_url_has_no_password_and_an_end():
    session = Browsing("cdp", content=True)
    session.went("https://me:secret@a.test/" + "x" * 9999)

    assert session.url.startswith("https://a.test/x")
    assert len(session.url) <= 2048


def test_what_only_enables_does_nothing():
    session = Browsing("cdp")
    for command in ("Page.enable", "Page.navigate", "/url", "Network.enable"):
        session.act(command)

    assert 2 == session.actions


def test_the_session_as_it_stands():
    session = Browsing("webdriver", missing=("joined_mid_session",))
    session.named("")
    effect = session.effect(Failure("x"), missing=("open_at_end",))

    assert (("actions", 0), ("browser.protocol", "webdriver")) == effect.facts
    assert (Failure("x"), ("joined_mid_session", "open_at_end"), False) == (
        effect.failure,
        effect.missing,
        effect.ended,
    )
