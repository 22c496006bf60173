import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexr_autoinst.dissect.effects.said import fields, form, host_of, pairs, scope, seconds, segments, until
from tests.dissect.effects.asking import FORM, asked, posted, request

S = 1_000_000_000
SIGNED = "AWS4-HMAC-SHA256 Credential=[redacted]/20260105/%s/aws4_request, SignedHeaders=host, Signature=[redacted]"


def test_a_query_or_a_form_is_read_once_for_each_name():
    assert {"a": "1 2", "b": "ü", "c": ""} == pairs("a=1+2&b=%C3%BC&c=&a=3&=x")
    assert {"a": "1"} == form(posted("https://h/", "a=1").exchange.request)
    assert {} == form(request(method="POST", body=b"a=1"))


def test_fields_are_those_of_a_form_or_the_texts_of_an_object():
    assert {"a": "1"} == fields(posted("https://h/", "a=1"))
    assert {"a": "1"} == fields(asked(method="POST", body=b'{"a": "1", "b": 2, "c": ["x"]}'))
    assert {} == fields(asked(method="POST", body=b"[1]", headers=FORM | {"content-type": "text/plain"}))


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (SIGNED % "eu-west-1/s3", ("s3", "eu-west-1")),
        ((SIGNED % "s3").replace("HMAC", "ECDSA-P256"), ("s3", None)),
        ("Bearer [redacted]", None),
        ("", None),
    ],
)
def test_the_scope_of_a_signature(said, expected):
    assert expected == scope(request(headers={"authorization": said}))


def test_a_length_of_time_may_be_text():
    assert [3600, 3600, None, None, None] == [seconds(s) for s in (3600, "3600", "1h", -1, None)]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("1970-01-01T00:10:00Z", 590), ("1970-01-01T00:10:00.123Z", 590), ("1970-01-01 00:10:00+00:00", 590), (600, 590), ("600", 590),
        ("1970-01-01T00:00:01Z", 0), ("1970-13-41T00:00:01Z", None), ("0000-00-00T00:00:00Z", None), ("soon", None), (None, None),
    ],
)  # fmt: skip
def test_how_long_until_a_moment(said, expected):
    assert expected == until(said, 10 * S)


def test_a_part_of_a_second_is_one():
    assert 60 == until(100, 40 * S + 1)


def test_a_resource_may_name_a_host():
    assert ["graph.test", "a.test", None, None] == [
        host_of(s) for s in ("https://Graph.test/.default", "api://a.test:1/x", "a b", None)
    ]


def test_a_path_is_parts_without_escapes():
    assert ["v1", "secret", "a/b"] == segments("/v1/secret/a%2Fb/")


@given(st.text(), st.integers(0, 1 << 62))
def test_any_text_is_read(said, at):
    pairs(said)
    until(said, at)
    seconds(said)
    host_of(said)
    segments(said)
