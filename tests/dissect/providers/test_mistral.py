import pytest

from hexr_autoinst.dissect.claim import Claim
from hexr_autoinst.dissect.providers.mistral import VENDOR as MISTRAL
from tests.dissect.asked import asked

CHAT = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}


@pytest.mark.parametrize(
    ("path", "method", "expected"),
    [
        ("/v1/chat/completions", "POST", Claim.HOST),
        ("/v1/agents/completions", "POST", Claim.HOST),
        ("/v1/fim/completions", "POST", Claim.HOST),
        ("/v1/conversations", "POST", Claim.HOST),
        ("/v1/conversations/conv_1", "POST", Claim.HOST),
        ("/v1/conversations/conv_1/restart", "POST", Claim.HOST),
        ("/v1/conversations/conv_1/history", "GET", Claim.NO),
        ("/v1/conversations/conv_1", "GET", Claim.NO),
        ("/v1/agents", "POST", Claim.NO),
        ("/v1/files", "POST", Claim.NO),
        ("/v1/batch/jobs", "POST", Claim.NO),
        ("/v1/fine_tuning/jobs", "POST", Claim.NO),
        ("/v1/libraries/l/documents", "POST", Claim.NO),
        ("/v1/models", "GET", Claim.NO),
    ],
)
@pytest.mark.parametrize("host", ["api.mistral.ai", "codestral.mistral.ai"])
def test_what_asks_a_model_and_what_does_not(host, path, method, expected):
    assert expected is MISTRAL.claim(asked(host, path, CHAT, method))


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        ("/v1/fim/completions", {"prompt": "x", "suffix": "y"}, Claim.PATH),
        ("/v1/fim/completions", CHAT, Claim.NO),
        ("/v1/chat/completions", CHAT, Claim.NO),
        ("/v1/conversations", {"inputs": "x"}, Claim.NO),
    ],
)
def test_elsewhere_only_what_mistral_has_invented_is_its_own(path, body, expected):
    assert expected is MISTRAL.claim(asked("localhost", path, body))
