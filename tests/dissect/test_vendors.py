import pytest

from hexr_autoinst.dissect import VENDORS
from hexr_autoinst.dissect.vendor import Vendor
from hexr_autoinst.dissect.vendors import Vendors

SOME = Vendors(
    (
        Vendor("a", "a", ("api.a.com", ".a.com"), aliases=("a-cloud",)),
        Vendor("b", "com.b", ("~[a-z]+-b[.]com",)),
        Vendor("gate", "", ("gate.com",)),
    )
)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("api.a.com", "a"),
        ("API.A.com.", "a"),
        ("x.y.a.com", "a"),
        ("a.com", None),
        ("evila.com", None),
        ("api.a.com.evil.example", None),
        ("eu-b.com", "b"),
        ("eu-b.com.x", None),
        ("gate.com", "gate"),
        ("", None),
    ],
)
def test_a_host_has_one_owner_or_none(host, expected):
    assert expected == SOME.owner(host)


@pytest.mark.parametrize(
    ("word", "expected"),
    [("A_Cloud", "a"), ("a cloud", "a"), ("com.b", "com.b"), ("B", "com.b"), ("gate", None)],
)
def test_a_gateways_word_means_a_provider(word, expected):
    assert expected == SOME.alias(word)


@pytest.mark.parametrize("second", [Vendor("x", "x", ("h",)), Vendor("x", "x", aliases=("a",))])
def test_two_vendors_of_one_host_or_alias_are_a_mistake(second):
    with pytest.raises(ValueError, match="belongs to"):
        Vendors((Vendor("a", "a", ("h",)), second))


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("api.openai.com", "openai"),
        ("eu.api.openai.com", "openai"),
        ("evilapi.openai.com", None),
        ("unit.openai.azure.com", "azure_openai"),
        ("storage.googleapis.com", None),
        ("s3.amazonaws.com", None),
        ("localhost", None),
    ],
)
def test_the_vendors_own_their_hosts_and_no_others(host, expected):
    assert expected == VENDORS.owner(host)
