import json

import pytest

from hexr_autoinst.dissect.claim import Claim
from hexr_autoinst.dissect.providers.openai import OPENAI
from hexr_autoinst.model.exchange import Exchange, Headers, Request

CHAT = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
RESPONSES = {"model": "m", "input": "hi"}


def asked(host, path, body, method="POST"):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = Headers((("User-Agent", "OpenAI/Python 2"), ("x-stainless-lang", "python")))
    return Exchange(
        "i",
        "har",
        None,
        "c",
        0,
        "client",
        Request(0, method, "https", host, 0, path, headers=headers, body=raw),
    )


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
        ("api.deepseek.com", "/beta/chat/completions", CHAT, Claim.PATH),
        ("localhost", "/v1/chat/completions", CHAT, Claim.PATH),
        ("localhost", "/v1/responses", RESPONSES, Claim.PATH),
        (
            "localhost",
            "/v1/responses",
            {"model": "m", "input": [{"role": "user", "content": "x"}]},
            Claim.PATH,
        ),
        ("localhost", "/openai/deployments/d/chat/completions", {"messages": CHAT["messages"]}, Claim.PATH),
        ("localhost", "/v1/chat/completions", {"messages": "hi"}, Claim.NO),
        ("localhost", "/v1/chat/completions", {"model": "m", "messages": []}, Claim.NO),
        ("localhost", "/v1/chat/completions", {"model": "m", "messages": ["hi"]}, Claim.NO),
        ("localhost", "/v1/chat/completions", b"", Claim.NO),
        ("localhost", "/surveys/1/responses", {"answers": [1]}, Claim.NO),
        ("localhost", "/api/chat", CHAT, Claim.NO),
    ],
)
def test_host_path_and_body_make_the_claim_together(host, path, body, expected):
    assert expected is OPENAI.claim(asked(host, path, body))


@pytest.mark.parametrize("method", ["GET", "DELETE", "HEAD", "OPTIONS"])
def test_only_a_post_asks_a_model(method):
    assert OPENAI.claim(asked("api.openai.com", "/v1/responses", RESPONSES, method)) is Claim.NO


@pytest.mark.parametrize(
    ("host", "path", "expected"),
    [
        ("api.openai.com", "/v1/chat/completions", ("openai", False)),
        ("api.groq.com", "/openai/v1/chat/completions", ("groq", False)),
        ("unit.openai.azure.com", "/openai/deployments/d/chat/completions", ("azure.ai.openai", False)),
        ("127.0.0.1", "/openai/deployments/d/chat/completions", ("azure.ai.openai", True)),
        ("127.0.0.1", "/v1/chat/completions", ("openai", True)),
    ],
)
def test_another_vendors_host_is_never_told_as_openai(host, path, expected):
    reading = OPENAI.open(asked(host, path, CHAT), content=False)

    assert expected == (reading.provider, reading.inferred)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"messages": []}, "d 1"),
        ({"model": None, "messages": []}, "d 1"),
        ({"model": "m", "messages": []}, "m"),
    ],
)
def test_a_deployment_names_the_model_where_the_body_does_not(body, expected):
    reading = OPENAI.open(
        asked("u.openai.azure.com", "/openai/deployments/d%201/chat/completions", body), content=False
    )

    assert expected == reading.ask.model


def test_what_was_not_claimed_cannot_be_opened():
    with pytest.raises(ValueError, match="not claimed"):
        OPENAI.open(asked("localhost", "/", b""), content=False)
