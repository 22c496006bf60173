import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexr_autoinst.model.exchange import Headers, Request
from hexr_autoinst.wire.confided import confided, veiled


def request(path="/", host="h.test", **headers):
    fields = tuple((k.replace("_", "-"), v) for k, v in headers.items())
    return Request(0, "GET", "https", host, 0, path, headers=Headers(fields))


@pytest.mark.parametrize(
    "asked",
    [
        request("/v1/team/x", x_vault_token="[redacted]"),
        request("/v1/auth/approle/login"),
        request("/latest/api/token"),
        request(x_amz_target="secretsmanager.GetSecretValue"),
        request(x_amz_target="AmazonSSM.GetParametersByPath"),
        request("/v1/projects/p/secrets/s/versions/latest:access"),
        request("/secrets/x", host="v.vault.azure.net"),
        request("/api/v1/namespaces/prod/secrets/db"),
    ],
)
def test_what_only_asks_for_secrets_is_confided(asked):
    assert confided(asked)


@pytest.mark.parametrize(
    "asked",
    [
        request("/v1/chat/completions", authorization="Bearer x"),
        request(x_amz_target="DynamoDB_20120810.GetItem"),
        request("/v1/messages"),
        request("/latest/meta-data/iam/security-credentials/role"),
        request("/v1/auth"),
        request("/v1/sys/internal/ui/mounts/secret", x_vault_token="[redacted]"),
    ],
)
def test_nothing_else_is(asked):
    assert not confided(asked)


def test_of_json_names_numbers_and_a_few_words_stay():
    said = {
        "lease_id": "a/b", "lease_duration": 3600, "renewable": True, "mount_type": "kv", "type": "hunter2",
        "data": {"data": {'pass\\ "word': "hunter2", "list": ["x", "y"]}, "metadata": {"version": 3}},
    }  # fmt: skip
    kept = json.loads(veiled(json.dumps(said, separators=(",", " : ")).encode()))

    assert (3600, True, "kv", 0) == (
        kept["lease_duration"], kept["renewable"], kept["mount_type"], kept["data"]["metadata"]["version"],
    )  # fmt: skip
    assert {'pass\\ "word': "[redacted]", "list": ["[redacted]"] * 2} == kept["data"]["data"]


def test_a_text_that_is_cut_goes_too_and_what_is_no_json_goes_whole():
    assert b'{"a": "[redacted]"' == veiled(b'{"a": "hunt')
    assert b"[redacted]" == veiled(b"AQAEAHunter2==")
    assert b'{"pin": 0, "a": [0, 0]}' == veiled(b'{"pin": 1234, "a": [-1.5e3, 7]}')
    assert b"" == veiled(b"")


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(),
        lambda x: st.lists(x) | st.dictionaries(st.text(), x),
        max_leaves=8,
    )
)
def test_any_json_keeps_its_shape_and_no_text(value):
    def shape(v):
        if isinstance(v, dict):
            return {k: shape(x) for k, x in v.items()}
        if isinstance(v, list):
            return [shape(x) for x in v]
        return "[redacted]" if isinstance(v, str) else v if v is None or isinstance(v, bool) else 0

    if isinstance(value, dict | list):
        assert shape(value) == json.loads(veiled(json.dumps(value).encode()))
