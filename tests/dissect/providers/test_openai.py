import pytest

from hexr_autoinst.dissect.claim import Claim
from hexr_autoinst.dissect.providers.openai import VENDOR as OPENAI
from tests.dissect.asked import asked

CHAT = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
RESPONSES = {"model": "m", "input": "hi"}


@pytest.mark.parametrize(
    ("host", "path", "body", "expected"),
    [
        ("api.openai.com", "/v1/chat/completions", CHAT, Claim.HOST),
        ("api.openai.com", "/v1/chat/completions/", b"not json", Claim.HOST),
        ("eu.api.openai.com", "/v1/responses", RESPONSES, Claim.HOST),
        ("api.openai.com", "/v1/embeddings", {"model": "m", "input": "x"}, Claim.NO),
        ("api.openai.com", "/v1/completions", {"model": "m", "prompt": "x"}, Claim.NO),
        ("api.openai.com", "/v1/threads/thread_1/runs", {"assistant_id": "a"}, Claim.NO),
        ("api.openai.com", "/v1/images/generations", {"model": "m", "prompt": "x"}, Claim.NO),
        ("api.openai.com", "/v1/responses/resp_1/cancel", b"", Claim.NO),
        ("api.openai.com", "/v1/responses/input_tokens", RESPONSES, Claim.NO),
        ("api.anthropic.com", "/v1/chat/completions", CHAT, Claim.PATH),
        ("localhost", "/v1/chat/completions", CHAT, Claim.PATH),
        ("localhost", "/v1/responses", RESPONSES, Claim.PATH),
        (
            "localhost",
            "/v1/responses",
            {"model": "m", "input": [{"role": "user", "content": "x"}]},
            Claim.PATH,
        ),
        ("localhost", "/openai/deployments/d/chat/completions", CHAT, Claim.SHAPE),
        ("localhost", "/v1/chat/completions", {"messages": "hi"}, Claim.NO),
        ("localhost", "/v1/chat/completions", {"model": "m", "messages": []}, Claim.NO),
        ("localhost", "/v1/chat/completions", {"model": "m", "messages": ["hi"]}, Claim.NO),
        ("localhost", "/v1/chat/completions", b"", Claim.NO),
        ("localhost", "/surveys/1/responses", {"answers": [1]}, Claim.NO),
        ("localhost", "/api/assistant", CHAT, Claim.SHAPE),
        ("api.anthropic.com", "/v1/messages/count_tokens", CHAT, Claim.NO),
    ],
)
def test_host_path_and_body_make_the_claim_together(host, path, body, expected):
    assert expected is OPENAI.claim(asked(host, path, body))


@pytest.mark.parametrize("method", ["GET", "DELETE", "HEAD", "OPTIONS"])
def test_only_a_post_asks_a_model(method):
    assert OPENAI.claim(asked("api.openai.com", "/v1/responses", RESPONSES, method)) is Claim.NO
