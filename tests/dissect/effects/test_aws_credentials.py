import pytest

from hexr_autoinst.dissect.claim import Claim
from hexr_autoinst.dissect.effects.aws_credentials import EFFECT
from hexr_autoinst.dissect.effects.quiet import Quiet
from tests.dissect.effects.asking import asked, posted
from tests.dissect.protocols.asking import answered

STS = "https://sts.amazonaws.com/"


@pytest.mark.parametrize(
    "question",
    [
        posted(STS, "Action=GetCallerIdentity&Version=2011-06-15"),
        posted(STS, "Action=DecodeAuthorizationMessage&Version=2011-06-15"),
        posted("https://iam.amazonaws.com/", "Action=AssumeRole&Version=2010-05-08"),
        posted("https://h.test/x", "Action=AssumeRole&Version=2011-06-15"),
        posted(STS, "Action=AssumeRole&Version=2011-06-15", role="server"),
        asked("http://169.254.169.254/"),
        asked("http://h.test/v1/credentials"),
        asked("http://h.test/latest/meta-data/iam/security-credentials/role", "POST"),
    ],
)
def test_what_gives_no_keys_or_is_not_amazons_is_not_claimed(question):
    assert Claim.NO is EFFECT.claim(question)


@pytest.mark.parametrize(
    "host",
    [
        "sts.amazonaws.com",
        "sts.us-gov-west-1.amazonaws.com",
        "sts-fips.us-east-1.amazonaws.com",
        "sts.cn-north-1.amazonaws.com.cn",
    ],
)
def test_every_regional_host_is_sts(host):
    assert Claim.HOST is EFFECT.claim(posted(f"https://{host}/", "Action=AssumeRole&Version=2011-06-15"))


def test_elsewhere_the_version_or_the_signature_says_that_it_is_sts():
    signed = {
        "authorization": "AWS4-HMAC-SHA256 Credential=[redacted]/20260105/eu-west-1/sts/aws4_request, Signature=x"
    }

    assert Claim.PATH is EFFECT.claim(
        posted("http://localhost:5000/", "Action=AssumeRole&Version=2011-06-15")
    )
    assert Claim.PATH is EFFECT.claim(posted("http://localhost:5000/", "Action=AssumeRole", headers=signed))
    assert Claim.NO is EFFECT.claim(posted("http://localhost:5000/", "Action=AssumeRole"))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/latest/api/token"), ("GET", "/latest/meta-data/iam/security-credentials/"), ("GET", "/latest/dynamic/instance-identity/document"),
        ("GET", "/latest/meta-data/placement/region"),
    ],
)  # fmt: skip
def test_of_the_metadata_only_the_read_of_keys_is_an_exchange(method, path):
    question = asked(f"http://169.254.169.254{path}", method)

    assert Claim.HOST is EFFECT.claim(question)
    assert isinstance(EFFECT.open(question, content=False), Quiet)


def test_a_metadata_service_may_be_anywhere_and_a_containers_on_this_host():
    assert Claim.PATH is EFFECT.claim(
        asked("http://127.0.0.1:1338/latest/meta-data/iam/security-credentials/role")
    )
    assert Claim.PATH is EFFECT.claim(asked("http://127.0.0.1:51679/v2/credentials/e0a2"))


def test_somebodys_own_credentials_are_a_call_as_any_other():
    question = asked("http://127.0.0.1:8080/v1/credentials")
    own = EFFECT.open(question, content=False).close(answered(question.exchange, {"items": []}))
    keys = EFFECT.open(question, content=False).close(
        answered(question.exchange, {"AccessKeyId": "[redacted]"})
    )

    assert ("tool", "127.0.0.1") == (own.kind, own.service)
    assert "credential" == keys.kind


def test_identity_center_and_pods_are_known_by_what_they_alone_have():
    sso = asked(
        "http://127.0.0.1/federation/credentials?role_name=r",
        headers={"x-amz-sso_bearer_token": "[redacted]"},
    )

    assert Claim.HOST is EFFECT.claim(sso)
    assert Claim.NO is EFFECT.claim(asked("http://127.0.0.1/federation/credentials"))
    assert Claim.HOST is EFFECT.claim(
        asked("https://eks-auth.us-west-2.api.aws/clusters/c/assume-role-for-pod-identity", "POST")
    )
