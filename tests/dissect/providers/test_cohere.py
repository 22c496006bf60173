import pytest

from hexr_autoinst.dissect.claim import Claim
from hexr_autoinst.dissect.providers.cohere import VENDOR as COHERE
from tests.dissect.asked import asked

CHAT = {"model": "command-a-03-2025", "messages": [{"role": "user", "content": "hi"}]}
RANKED = {"model": "m", "query": "q", "documents": ["a"]}


@pytest.mark.parametrize(
    ("host", "path", "body", "expected"),
    [
        ("api.cohere.com", "/v2/chat", CHAT, Claim.HOST),
        ("api.cohere.ai", "/v1/chat", b"not json", Claim.HOST),
        ("api.cohere.com", "/v1/rerank", RANKED, Claim.HOST),
        ("api.cohere.com", "/compatibility/v1/chat/completions", CHAT, Claim.HOST),
        ("api.cohere.com", "/compatibility/v1/embeddings", {"model": "m", "input": "x"}, Claim.HOST),
        ("api.cohere.com", "/v1/tokenize", {"text": "x", "model": "m"}, Claim.NO),
        ("api.cohere.com", "/v1/detokenize", {"tokens": [1]}, Claim.NO),
        ("api.cohere.com", "/v1/check-api-key", {}, Claim.NO),
        ("api.cohere.com", "/v1/embed-jobs", {"model": "m"}, Claim.NO),
        ("api.cohere.com", "/v1/datasets", {}, Claim.NO),
        ("localhost", "/v2/chat", CHAT, Claim.PATH),
        ("localhost", "/v2/rerank", RANKED, Claim.PATH),
        ("localhost", "/rerank", RANKED, Claim.PATH),
        ("localhost", "/v1/embed", {"model": "m", "texts": ["a"]}, Claim.PATH),
        ("localhost", "/v1/chat", {"message": "hi", "model": "m", "chat_history": []}, Claim.PATH),
        ("localhost", "/v1/chat", {"message": "hi"}, Claim.NO),
        ("localhost", "/v1/chat", CHAT, Claim.NO),
        ("localhost", "/v2/rerank", {"query": "q", "top_k": 3}, Claim.NO),
        ("localhost", "/v1/generate", {"prompt": "x", "model": "m"}, Claim.NO),
        ("localhost", "/v1/classify", {"inputs": ["x"]}, Claim.NO),
        ("localhost", "/search", RANKED, Claim.NO),
    ],
)
def test_host_path_and_body_make_the_claim_together(host, path, body, expected):
    assert expected is COHERE.claim(asked(host, path, body))


def test_a_list_of_models_asks_none():
    assert COHERE.claim(asked("api.cohere.com", "/v1/models", b"", "GET")) is Claim.NO
