import pytest

from hexr_autoinst.dissect.claim import Claim, choose
from hexr_autoinst.dissect.providers.ollama import VENDOR as OLLAMA
from tests.dissect.asked import asked

CHAT = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}


@pytest.mark.parametrize(
    ("host", "path", "body", "expected"),
    [
        ("localhost", "/api/chat", CHAT, Claim.PATH),
        ("gpu.internal", "/ollama/api/chat", CHAT, Claim.PATH),
        ("ollama.com", "/api/chat", CHAT, Claim.HOST),
        ("localhost", "/api/generate", {"model": "m"}, Claim.PATH),
        ("localhost", "/api/embed", {"model": "m", "input": "x"}, Claim.PATH),
        ("localhost", "/api/embeddings", {"model": "m", "prompt": "x"}, Claim.PATH),
        ("localhost", "/api/chat", {"message": "hi"}, Claim.NO),
        ("localhost", "/api/chat", {"messages": ["hi"]}, Claim.NO),
        ("localhost", "/api/generate", {"prompt": "x"}, Claim.NO),
        ("localhost", "/api/generate", {"model": {"id": 1}}, Claim.NO),
        ("localhost", "/api/show", {"model": "m"}, Claim.NO),
        ("localhost", "/api/pull", {"model": "m"}, Claim.NO),
        ("localhost", "/api/tags", b"", Claim.NO),
        ("localhost", "/api/create", {"model": "m", "from": "n"}, Claim.NO),
        ("ollama.com", "/api/web_search", {"query": "x"}, Claim.NO),
    ],
)
def test_path_and_body_make_the_claim_together(host, path, body, expected):
    assert expected is OLLAMA.claim(asked(host, path, body))


@pytest.mark.parametrize(("host", "inferred"), [("localhost", True), ("ollama.com", False)])
def test_on_a_host_of_ones_own_the_provider_is_deduced(host, inferred):
    about = asked(host, "/api/chat", CHAT)

    assert choose(about).open(about, content=False).answers.provider.inferred is inferred
