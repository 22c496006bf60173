import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexr_autoinst.dissect.effects.vault_path import is_login, place

KNOWN = {"team/kv": ("kv", "2"), "team": ("kv", "1"), "t": ("transit", None), "old": ("kv", "1")}


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "secret/data/a/b", ("get", "secret", "a/b")),
        ("GET", "secret/subkeys/a", ("get", "secret", "a")),
        ("POST", "secret/undelete/a", ("put", "secret", "a")),
        ("POST", "secret/delete/a", ("delete", "secret", "a")),
        ("GET", "team/kv/data/a", ("get", "team/kv", "a")),
        ("GET", "team/x/data", ("get", "team", "x/data")),
        ("GET", "old/data/a", ("get", "old", "data/a")),
        ("POST", "t/encrypt/k", ("encrypt", "t", "k")),
        ("POST", "t/rewrap/k", ("encrypt", "t", "k")),
        ("GET", "transit/keys/k", ("get", "transit", "keys/k")),
        ("POST", "pki/sign/role", ("sign", "pki", "role")),
        ("GET", "aws/creds/role", ("get", "aws", "creds/role")),
        ("SCAN", "secret/metadata/", ("list", "secret", "")),
        ("POST", "auth/ldap/login/me", ("login", "auth/ldap", "login")),
        ("POST", "auth/token/revoke-self", ("revoke", "auth/token", "revoke-self")),
        ("POST", "auth/token/create", ("put", "auth/token", "create")),
        ("GET", "auth/approle/role/x", ("get", "auth/approle", "role/x")),
        ("PUT", "sys/leases/revoke-prefix/aws/creds", ("revoke", "sys", "leases/revoke-prefix")),
        ("PUT", "sys/leases/lookup", ("lookup", "sys", "leases/lookup")),
        ("PUT", "sys/revoke/aws/creds/x", ("revoke", "sys", "revoke")),
        ("GET", "sys/mounts", ("get", "sys", "mounts")),
        ("GET", "identity/entity/id/1", ("get", "identity", "entity/id/1")),
        ("GET", "", ("get", "", "")),
    ],
)
def test_a_path_is_a_mount_what_follows_it_and_what_is_done(method, path, expected):
    found = place(method, path.strip("/").split("/"), KNOWN, None)

    assert expected == (found.verb, found.mount, found.path)


def test_who_logs_in_is_no_path():
    assert "me" == place("POST", ["auth", "userpass", "login", "me"], {}, {}).subject


def test_version_2_wants_what_is_written_in_data():
    assert "x" == place("POST", ["kv", "data", "x"], {}, {"data": {}}).path
    assert "data/x" == place("POST", ["kv", "data", "x"], {}, {"a": 1}).path
    assert "x" == place("POST", ["kv", "data", "x"], {}, None).path  # what was said could not be read


def test_a_login_is_behind_a_mount():
    assert is_login(["auth", "jwt", "login"])
    assert not is_login(["auth", "login"])
    assert not is_login(["kv", "jwt", "login"])


@given(
    st.sampled_from(["GET", "LIST", "POST", "PATCH", "DELETE", "X"]),
    st.lists(
        st.sampled_from(
            ["auth", "sys", "token", "login", "data", "encrypt", "revoke-self", "leases", "a", ""]
        ),
        max_size=6,
    ),
)
def test_any_path_has_a_place(method, parts):
    place(method, parts, KNOWN, {})
