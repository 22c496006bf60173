import json

import pytest

from hexr_autoinst.dissect.claim import Claim
from hexr_autoinst.dissect.effects.quiet import Quiet
from hexr_autoinst.dissect.effects.vault import EFFECT
from hexr_autoinst.dissect.memory import Memory
from tests.dissect.effects.asking import asked
from tests.dissect.protocols.asking import answered

TOKEN = {"x-vault-token": "[redacted]"}
BASE = "https://vault.test:8200/v1"


@pytest.mark.parametrize(
    ("question", "claim"),
    [
        (asked(f"{BASE}/secret/data/a", headers=TOKEN), Claim.HOST),
        (asked(f"{BASE}/secret/data/a", headers={"X-Vault-Request": "true"}), Claim.HOST),
        (asked(f"{BASE}/secret/data/a"), Claim.NO),
        (asked("https://vault.test/v2/secret", headers=TOKEN), Claim.NO),
        (asked(f"{BASE}/auth/jwt/login", "POST", body=b'{"jwt": "[redacted]"}'), Claim.PATH),
        (asked(f"{BASE}/auth/jwt/login", "GET"), Claim.NO),
        (asked(f"{BASE}/sys/health"), Claim.PATH),
        (asked(f"{BASE}/secret/data/a", headers=TOKEN, role="server"), Claim.NO),
        (asked(f"{BASE}/secret/data/a", "CONNECT", headers=TOKEN), Claim.NO),
    ],
)
def test_a_vault_is_known_by_its_clients_fields_and_a_login_by_itself(question, claim):
    assert claim is EFFECT.claim(question)


@pytest.mark.parametrize(
    "path", ["sys/health", "sys/seal-status", "sys/leader", "sys/internal/counters/activity"]
)
def test_what_a_client_asks_of_the_vault_itself_is_quiet(path):
    assert isinstance(EFFECT.open(asked(f"{BASE}/{path}", headers=TOKEN), content=False), Quiet)


def told(question, body=None, status=200):
    reading = EFFECT.open(question, content=False)
    return reading.close(answered(question.exchange, body, status=status))


def test_a_mount_that_was_asked_for_is_known_from_then_on():
    memory = Memory()
    asks = {"memory": memory, "headers": TOKEN}
    told(
        asked(f"{BASE}/sys/internal/ui/mounts/team/kv/db", **asks),
        {"data": {"path": "team/kv/", "type": "kv", "options": {"version": "2"}}},
    )
    found = told(asked(f"{BASE}/team/kv/data/db", **asks), {"data": {"data": {}, "metadata": {}}})

    assert {"vault.mount": "team/kv", "vault.path": "db", "vault.engine": "kv"} == dict(found.facts)


def test_a_mount_of_another_server_is_another():
    memory = Memory()
    told(
        asked("https://other.test/v1/sys/internal/ui/mounts/team/kv", memory=memory, headers=TOKEN),
        {"data": {"path": "team/kv/", "type": "kv"}},
    )
    found = told(asked(f"{BASE}/team/kv/x", memory=memory, headers=TOKEN), {"data": {"a": "[redacted]"}})

    assert "team" == dict(found.facts)["vault.mount"]


def test_a_list_of_version_2_is_one_whatever_it_holds():
    found = told(asked(f"{BASE}/secret/metadata/a", headers=TOKEN), {"data": {"versions": {"1": {}}}})

    assert "a" == dict(found.facts)["vault.path"]


def test_no_answer_is_no_lease_and_no_failure_of_the_vaults():
    question = asked(f"{BASE}/secret/data/a", headers=TOKEN)
    found = EFFECT.open(question, content=False).close(question.exchange)

    assert found.failure is None
    assert "vault.lease" not in dict(found.facts)


@pytest.mark.parametrize(
    "body", [[], {"data": []}, {"data": {"data": 1}}, {"lease_duration": "x", "auth": []}, {"mount_type": 7}]
)
def test_any_answer_is_survived(body):
    found = told(asked(f"{BASE}/secret/data/a", headers=TOKEN), body)

    assert found.failure is None
    assert json.dumps(found.facts)
