import pytest

from hexr_autoinst.dissect.claim import Claim
from hexr_autoinst.dissect.providers.anthropic import VENDOR as ANTHROPIC
from tests.dissect.asked import asked

BODY = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}


@pytest.mark.parametrize(
    ("host", "path", "body", "method", "expected"),
    [
        ("api.anthropic.com", "/v1/messages", BODY, "POST", Claim.HOST),
        ("api.anthropic.com", "/v1/messages", [], "POST", Claim.HOST),
        ("api.anthropic.com", "/v1/messages/count_tokens", BODY, "POST", Claim.NO),
        ("api.anthropic.com", "/v1/messages/batches", {"requests": []}, "POST", Claim.NO),
        ("api.anthropic.com", "/v1/complete", {"prompt": "x"}, "POST", Claim.HOST),
        ("api.anthropic.com", "/v1/messages/batches/msgbatch_1/results", b"", "GET", Claim.NO),
        ("api.anthropic.com", "/v1/files", {}, "POST", Claim.NO),
        ("localhost", "/v1/complete", {"prompt": "x"}, "POST", Claim.NO),
        ("localhost", "/v1/complete", {"prompt": "x", "max_tokens_to_sample": 5}, "POST", Claim.PATH),
        ("api.anthropic.com", "/v1/messages", BODY, "GET", Claim.NO),
        ("localhost", "/v1/messages", BODY, "POST", Claim.PATH),
        ("openrouter.ai", "/api/v1/messages", BODY, "POST", Claim.PATH),
        ("localhost", "/v1/messages", {**BODY, "max_tokens": None}, "POST", Claim.NO),
        ("chat.example", "/v1/messages", {"messages": [{"text": "hi"}]}, "POST", Claim.NO),
    ],
)
def test_host_path_and_body_make_the_claim_together(host, path, body, method, expected):
    assert expected is ANTHROPIC.claim(asked(host, path, body, method))
