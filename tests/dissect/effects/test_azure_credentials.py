import pytest

from hexr_autoinst.dissect.claim import Claim
from hexr_autoinst.dissect.effects.azure_credentials import EFFECT
from hexr_autoinst.dissect.effects.quiet import Quiet
from tests.dissect.effects.asking import asked
from tests.dissect.protocols.asking import answered


@pytest.mark.parametrize(
    ("question", "claim"),
    [
        (asked("http://h.test/msi/token?resource=x"), Claim.NO),
        (
            asked("http://h.test/msi/token?resource=x", headers={"x-identity-header": "[redacted]"}),
            Claim.HOST,
        ),
        (asked("http://127.0.0.1:8081/MSI/token/?resource=x", headers={"metadata": "true"}), Claim.HOST),
        (
            asked(
                "http://localhost:40342/metadata/identity/oauth2/token?resource=x",
                headers={"Metadata": "true"},
            ),
            Claim.HOST,
        ),
        (asked("http://169.254.169.254/metadata/instance", headers={"Metadata": "true"}), Claim.HOST),
        (asked("http://h.test/metadata/instance"), Claim.NO),
        (asked("http://169.254.169.254/metadata/identity/oauth2/token", role="server"), Claim.NO),
    ],
)
def test_a_token_is_known_by_its_path_and_the_field_that_it_demands(question, claim):
    assert claim is EFFECT.claim(question)


def test_what_else_a_machine_asks_about_itself_is_quiet():
    assert isinstance(EFFECT.open(asked("http://169.254.169.254/metadata/instance"), content=False), Quiet)


def test_the_challenge_of_arc_is_no_exchange():
    question = asked(
        "http://localhost:40342/metadata/identity/oauth2/token?resource=x", headers={"Metadata": "true"}
    )
    reading = EFFECT.open(question, content=False)
    challenge = {"WWW-Authenticate": "Basic realm=/var/opt/azcmagent/tokens/1.key"}

    assert reading.close(answered(question.exchange, status=401, headers=challenge)) is None
    assert reading.close(answered(question.exchange, status=400)).failure is not None
