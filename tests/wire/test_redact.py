import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexr_autoinst.wire import redact

TOKENS = [
    "sk-proj-abcdefghijklmnopqrstuvwx", "sk-ant-api03-AAAAbbbbCCCCdddd", "sk-or-v1-0123456789abcdef0123", "gsk_0123456789abcdefABCD",
    "xai-0123456789abcdefABCD", "pplx-0123456789abcdef", "nvapi-0123456789abcdef", "tvly-0123456789abcdef", "r8_0123456789abcdefABCD",
    "hf_abcdefghijklmnopqrst", "lsv2_pt_0123456789abcdef", "pk-lf-0123456789abcdef", "csk-0123456789abcdef01", "ghp_0123456789abcdefABCDEF",
    "gho_0123456789abcdefABCDEF", "github_pat_0123456789abcdefABCDEF", "glpat-0123456789abcdefABCD", "npm_0123456789abcdefABCD",
    "pypi-AgEIcHlwaS5vcmcCJD", "dop_v1_0123456789abcdef", "xoxb-1234567890-abcdefg", "xapp-1-A0123-456789", "sk_live_0123456789abcdef",
    "rk_test_0123456789abcdef", "whsec_0123456789abcdef", "hvs.CAESIJlWh0123456789", "ya29.a0AfH6SMBabcdefgh", "SG.abcdefghijkl.mnopqr",
    "AIzaSyA0123456789abcdefghijklmnopqrstu", "AKIAIOSFODNN7EXAMPLE", "ASIAIOSFODNN7EXAMPLE",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
]  # fmt: skip
IDS = [
    "chatcmpl-AbCdEf0123456789GhIjKl", "msg_01XFDUDYJgAACzvnptvVoYEL", "resp_67ccd2bed1ec8190b14f964abc0542670bb6a6b452d3795b",
    "call_abcdefghijklmnopqrstuvwx", "toolu_01A09q90qw90lq917835lq9", "req_011CSHoEeqs5C35K2UUqR7Fy", "task-0123456789abcdefghijkl",
    "run_0123456789abcdef0123", "file-abcdefghijklmnop0123", "asst_abc0123456789abcdef", "fp_44709d6fcb0123456789", "ask-sk-no",
    "srvtoolu_01A09q90qw90lq917835lq9", "cmpl-sk0123456789abcdefgh", "claude-sonnet-4-20250514", "rs_67ccd3acc8d48190a77525dc6de64b4104",
]  # fmt: skip


@pytest.mark.parametrize("token", TOKENS)
@pytest.mark.parametrize(
    "place", ["%s", '{"a":"%s"}', "see %s, ok", "\\n%s\\n", "x=%s&y=1", "a%%3D%s", "\\u0022%s", "'%s'"]
)
def test_a_token_goes_wherever_it_stands(token, place):
    clean = redact.plain(place % token)

    assert token not in clean
    assert token[8:] not in clean
    assert clean == place % redact.MARK


@pytest.mark.parametrize("id_", IDS)
def test_no_id_is_harmed(id_):
    text = json.dumps({"id": id_, "tool_call_id": id_, "text": f"see {id_}"})

    assert redact.plain(text) == text


@pytest.mark.parametrize(
    "name",
    ["api_key", "apiKey", "x-api-key", "AZURE_OPENAI_API_KEY", "password", "db_passwd", "secret", "client_secret", "SecretAccessKey",
     "access_token", "refresh_token", "id_token", "SessionToken", "authorization", "Authorization", "private_key", "credentials", "client_token"],
)  # fmt: skip
@pytest.mark.parametrize("value", ["hunter2", 'with "quotes" and \\', "back\\slash\n", "ünïcode", "a/b+c="])
@pytest.mark.parametrize("depth", [0, 1, 2])
def test_a_secret_member_goes_and_json_stays_json(name, value, depth):
    text = json.dumps({name: value, "after": [1, "x"]})
    for _ in range(depth):
        text = json.dumps({"arguments": text, "id": "call_1"})

    clean = redact.text(text.encode())

    inner = json.loads(clean)
    assert value.split('"')[0] not in clean.decode()
    for _ in range(depth):
        inner = json.loads(inner["arguments"])
    assert inner == {name: redact.MARK, "after": [1, "x"]}


def test_members_that_only_sound_secret_stay():
    text = '{"max_tokens": 5, "usage": {"prompt_tokens": "12"}, "key": "a", "keys": "b", "token": " the", "password": {"type": "string"}}'

    assert redact.plain(text) == text


def test_a_member_cut_in_its_value_loses_it_too():
    assert redact.text(b'{"api_key": "abcdef') == b'{"api_key": "[redacted]'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Authorization: Bearer abc.def-0123", "Authorization: Bearer [redacted]"),
        ("postgres://me:hunter2@db/x", "postgres://[redacted]@db/x"),
        ("https://h/x?X-Amz-Signature=abc&X-Amz-Credential=d&a=1", "https://h/x?X-Amz-Signature=[redacted]&X-Amz-Credential=[redacted]&a=1"),
        ("https://h/x?sig=abc&page=2", "https://h/x?sig=[redacted]&page=2"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY----- after", "[redacted] after"),
        ('{"k":"-----BEGIN PRIVATE KEY-----\\nMII"}', '{"k":"[redacted]"}'),
        ('Bearer resource_metadata="https://h/x"', 'Bearer resource_metadata="https://h/x"'),
    ],
)  # fmt: skip
def test_other_shapes(text, expected):
    assert redact.plain(text) == expected


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("Authorization", "Bearer abc", "Bearer [redacted]"),
        ("authorization", "abc", "[redacted]"),
        ("Proxy-Authorization", "Basic dTpw", "Basic [redacted]"),
        ("X-Api-Key", "two words", "[redacted]"),
        ("api-key", "k", "[redacted]"),
        ("x-goog-api-key", "k", "[redacted]"),
        ("Cookie", "a=b; c=d", "[redacted]"),
        ("Set-Cookie", "a=b", "[redacted]"),
        ("X-Amz-Security-Token", "t", "[redacted]"),
        ("Ocp-Apim-Subscription-Key", "k", "[redacted]"),
        ("X-Vault-Token", "s.x", "[redacted]"),
        ("My-Session", "x", "[redacted]"),
        ("X-IDENTITY-HEADER", "853b9a84", "[redacted]"),
        ("x-hub-signature", "x", "[redacted]"),
        ("Mcp-Session-Id", "abc", "abc"),
        ("Idempotency-Key", "abc", "abc"),
        ("x-ratelimit-remaining-tokens", "12", "12"),
        ("x-portkey-provider", "groq", "groq"),
        ("x-portkey-api-key", "pk", "[redacted]"),
        ("anthropic-ratelimit-tokens-limit", "12", "12"),
        ("WWW-Authenticate", 'Basic realm="x"', 'Basic realm="x"'),
        ("Location", "/cb?access_token=x&state=1", "/cb?access_token=[redacted]&state=1"),
        ("X-Other", "uses sk-ant-abcdefghijklmnopq", "uses [redacted]"),
        ("x-request-id", "req_011CSHoEeqs5C35K2UUqR7Fy", "req_011CSHoEeqs5C35K2UUqR7Fy"),
    ],
)
def test_a_field(name, value, expected):
    assert redact.fields(((name, value), ("A", "b"))) == ((name, expected), ("A", "b"))


def test_the_scope_of_an_aws_signature_stays():
    value = (
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20250101/us-east-1/bedrock/aws4_request, "
        "SignedHeaders=host;x-amz-date, Signature=0123abcd"
    )

    ((_, clean),) = redact.fields((("Authorization", value),))

    assert clean == (
        "AWS4-HMAC-SHA256 Credential=[redacted]/20250101/us-east-1/bedrock/aws4_request, "
        "SignedHeaders=host;x-amz-date, Signature=[redacted]"
    )


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("key=abc&alt=sse", "key=[redacted]&alt=sse"),
        ("api_key=a&apikey=b", "api_key=[redacted]&apikey=[redacted]"),
        ("a=1&code=xyz&X-Amz-Date=1", "a=1&code=[redacted]&X-Amz-Date=[redacted]"),
        ("token=", "token="),
        ("q=monkey&page_token_size=3", "q=monkey&page_token_size=3"),
        ("", ""),
    ],
)
def test_a_query(query, expected):
    assert redact.query(query) == expected


def test_a_form():
    form = b"client_secret=abc&grant_type=client_credentials&scope=a+b&assertion=zz"

    assert (
        redact.form(form)
        == b"client_secret=[redacted]&grant_type=client_credentials&scope=a+b&assertion=[redacted]"
    )


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=12) | st.sampled_from([*TOKENS, "Bearer abcdefgh12", "http://a:b@c"]),
        lambda x: st.lists(x, max_size=3) | st.dictionaries(st.sampled_from(["a", "api_key", 'token"', "password", "id"]), x, max_size=3),
        max_leaves=8,
    ),
    st.integers(0, 2),
)  # fmt: skip
def test_any_json_stays_json_and_no_token_survives(value, depth):
    text = json.dumps(value)
    for _ in range(depth):
        text = json.dumps([text])

    clean = redact.text(text.encode()).decode()

    json.loads(clean)
    assert not [t for t in TOKENS if t in clean]


@given(st.binary(max_size=200))
def test_any_bytes_pass(data):
    assert redact.text(redact.text(data)) == redact.text(data)


def test_the_scope_of_a_signature_for_many_regions_stays():
    value = "AWS4-ECDSA-P256-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20250101/s3/aws4_request, SignedHeaders=host, Signature=30"

    ((_, clean),) = redact.fields((("Authorization", value),))

    assert clean.startswith("AWS4-ECDSA-P256-SHA256 Credential=[redacted]/20250101/s3/aws4_request, ")
    assert "AKIA" not in clean
