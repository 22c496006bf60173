import pytest

from hexr_autoinst.dissect.claim import Claim
from hexr_autoinst.dissect.effects.google_credentials import EFFECT
from hexr_autoinst.dissect.effects.quiet import Quiet
from tests.dissect.effects.asking import asked

FLAVOR = {"metadata-flavor": "Google"}


@pytest.mark.parametrize(
    "question",
    [
        asked("http://h.test/computeMetadata/v1/instance/service-accounts/default/token"),
        asked("https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/a@b:signBlob", "POST"),
        asked("https://h.test/v1/projects/-/serviceAccounts/a@b:generateAccessToken", "GET"),
        asked("http://metadata.google.internal/computeMetadata/v1/project/project-id", role="server"),
    ],
)
def test_what_is_not_googles_or_brings_nothing_is_not_claimed(question):
    assert Claim.NO is EFFECT.claim(question)


def test_the_rest_of_the_metadata_is_quiet():
    question = asked("http://metadata/computeMetadata/v1/project/project-id", headers=FLAVOR)

    assert Claim.HOST is EFFECT.claim(question)
    assert isinstance(EFFECT.open(question, content=False), Quiet)


def test_the_default_account_names_no_role():
    reading = EFFECT.open(
        asked("http://metadata/computeMetadata/v1/instance/service-accounts/default/token", headers=FLAVOR),
        content=False,
    )

    assert "credential.role" not in dict(reading.asked.facts)
