import pytest

from hexr_autoinst.dissect.claim import Claim
from hexr_autoinst.dissect.effects.oauth2 import EFFECT
from tests.dissect.effects.asking import asked, posted


@pytest.mark.parametrize(
    ("question", "claim"),
    [
        (posted("https://idp.test/oauth2/token", "grant_type=refresh_token"), Claim.PATH),
        (posted("https://idp.test/connect", "grant_type=password"), Claim.PATH),
        (posted("https://idp.test/sign-in", "grant_type=client_credentials"), Claim.SHAPE),
        (
            posted(
                "https://login.microsoftonline.com/t/oauth2/v2.0/token",
                "grant_type=urn:ietf:params:oauth:grant-type:device_code",
            ),
            Claim.HOST,
        ),
        (posted("https://oidc.us-east-1.amazonaws.com/token", "grant_type=authorization_code"), Claim.HOST),
        (posted("https://idp.test/introspect", "token=x"), Claim.NO),
        (posted("https://idp.test/revoke", "token=x&token_type_hint=access_token"), Claim.NO),
        (posted("https://idp.test/token", "grant_type=monthly"), Claim.NO),
        (posted("https://idp.test/token", "grant_type=refresh_token", role="server"), Claim.NO),
        (asked("https://idp.test/token?grant_type=refresh_token"), Claim.NO),
        (asked("https://idp.test/token", "POST", body=b'{"grant_type": ["refresh_token"]}'), Claim.NO),
    ],
)
def test_it_is_a_grant_that_says_what_it_is(question, claim):
    assert claim is EFFECT.claim(question)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("urn:ietf:params:oauth:grant-type:token-exchange", "token-exchange"),
        ("urn:openid:params:grant-type:ciba", "ciba"),
        ("urn:ietf:params:oauth:grant-type:saml2-bearer", "saml2-bearer"),
        ("client_credentials", "client_credentials"),
    ],
)
def test_a_grant_has_a_short_name(kind, expected):
    reading = EFFECT.open(posted("https://idp.test/token", f"grant_type={kind}"), content=False)

    assert expected == dict(reading.asked.facts)["credential.operation"]
