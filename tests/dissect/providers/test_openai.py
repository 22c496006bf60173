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
        ("api.openai.com", "/v1/embeddings", {"model": "m", "input": "x"}, Claim.HOST),
        ("api.openai.com", "/v1/completions", {"model": "m", "prompt": "x"}, Claim.HOST),
        ("api.openai.com", "/v1/engines/davinci/completions", {"prompt": "x"}, Claim.HOST),
        ("api.openai.com", "/v1/images/generations", {"model": "m", "prompt": "x"}, Claim.HOST),
        ("api.openai.com", "/v1/audio/speech", {"model": "m", "input": "x"}, Claim.HOST),
        ("api.openai.com", "/v1/moderations", {"input": "x"}, Claim.HOST),
        ("api.openai.com", "/v1/responses/compact", RESPONSES, Claim.HOST),
        ("api.openai.com", "/v1/threads/thread_1/runs", {"assistant_id": "a"}, Claim.HOST),
        ("api.openai.com", "/v1/threads/runs", {"assistant_id": "a"}, Claim.HOST),
        (
            "api.openai.com",
            "/v1/threads/thread_1/runs/run_1/submit_tool_outputs",
            {"tool_outputs": []},
            Claim.HOST,
        ),
        ("api.openai.com", "/v1/threads", {"messages": []}, Claim.NO),
        ("api.openai.com", "/v1/threads/thread_1/messages", {"role": "user", "content": "x"}, Claim.NO),
        ("api.openai.com", "/v1/threads/thread_1/runs/run_1/cancel", b"", Claim.NO),
        ("api.openai.com", "/v1/assistants", {"model": "m", "instructions": "x"}, Claim.NO),
        ("api.openai.com", "/v1/vector_stores/vs_1/search", {"query": "x"}, Claim.NO),
        (
            "api.openai.com",
            "/v1/batches",
            {"endpoint": "/v1/chat/completions", "input_file_id": "f"},
            Claim.NO,
        ),
        ("api.openai.com", "/v1/fine_tuning/jobs", {"model": "m", "training_file": "f"}, Claim.NO),
        ("api.openai.com", "/v1/conversations", {"items": []}, Claim.NO),
        ("api.openai.com", "/v1/evals", {"name": "x"}, Claim.NO),
        ("api.openai.com", "/v1/containers", {"name": "x"}, Claim.NO),
        ("api.openai.com", "/v1/responses/resp_1/cancel", b"", Claim.NO),
        ("localhost", "/v1/embeddings", {"model": "m", "input": ["x"]}, Claim.PATH),
        ("localhost", "/v1/completions", {"model": "m", "prompt": "x"}, Claim.PATH),
        ("localhost", "/v1/fim/completions", {"model": "m", "prompt": "x"}, Claim.NO),
        ("localhost", "/v1/embeddings", {"model": "m"}, Claim.NO),
        ("localhost", "/api/images/generations", {"name": "x"}, Claim.NO),
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


@pytest.mark.parametrize(
    ("host", "path", "expected"),
    [
        ("api.openai.com", "/v1/responses/resp_1", Claim.HOST),
        ("api.openai.com", "/v1/threads/thread_1/runs/run_1", Claim.HOST),
        ("localhost", "/v1/responses/resp_1", Claim.PATH),
        ("localhost", "/surveys/1/responses/17", Claim.NO),
        ("api.openai.com", "/v1/responses/resp_1/input_items", Claim.NO),
        ("api.openai.com", "/v1/threads/thread_1/runs", Claim.NO),
        ("api.openai.com", "/v1/threads/thread_1/runs/run_1/steps", Claim.NO),
        ("api.openai.com", "/v1/threads/thread_1/messages", Claim.NO),
        ("api.openai.com", "/v1/models", Claim.NO),
        ("api.openai.com", "/v1/files/file_1/content", Claim.NO),
        ("api.openai.com", "/v1/batches/batch_1", Claim.NO),
        ("api.openai.com", "/v1/chat/completions/chatcmpl-1", Claim.NO),
    ],
)
def test_a_look_is_known_by_its_path(host, path, expected):
    assert expected is OPENAI.claim(asked(host, path, b"", "GET"))


@pytest.mark.parametrize("method", ["GET", "DELETE", "HEAD", "OPTIONS"])
def test_only_a_post_asks_a_model(method):
    assert OPENAI.claim(asked("api.openai.com", "/v1/responses", RESPONSES, method)) is Claim.NO
