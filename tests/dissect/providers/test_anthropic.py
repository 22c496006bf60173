import json

import pytest

from hexr_autoinst.dissect.claim import Claim
from hexr_autoinst.dissect.providers.anthropic import ANTHROPIC
from hexr_autoinst.model.exchange import Exchange, Headers, Request

BODY = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}


def asked(host, path, body, method="POST"):
    headers = Headers((("anthropic-version", "2023-06-01"),))
    raw = json.dumps(body).encode()
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
    ("host", "path", "body", "method", "expected"),
    [
        ("api.anthropic.com", "/v1/messages", BODY, "POST", Claim.HOST),
        ("api.anthropic.com", "/v1/messages", [], "POST", Claim.HOST),
        ("api.anthropic.com", "/v1/messages/count_tokens", BODY, "POST", Claim.NO),
        ("api.anthropic.com", "/v1/messages/batches", {"requests": []}, "POST", Claim.NO),
        ("api.anthropic.com", "/v1/complete", {"prompt": "x"}, "POST", Claim.NO),
        ("api.anthropic.com", "/v1/messages", BODY, "GET", Claim.NO),
        ("localhost", "/v1/messages", BODY, "POST", Claim.PATH),
        ("openrouter.ai", "/api/v1/messages", BODY, "POST", Claim.PATH),
        ("localhost", "/v1/messages", {**BODY, "max_tokens": None}, "POST", Claim.NO),
        ("chat.example", "/v1/messages", {"messages": [{"text": "hi"}]}, "POST", Claim.NO),
    ],
)
def test_host_path_and_body_make_the_claim_together(host, path, body, method, expected):
    assert expected is ANTHROPIC.claim(asked(host, path, body, method))


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("api.anthropic.com", ("anthropic", False)),
        ("openrouter.ai", ("openrouter", False)),
        ("localhost", ("anthropic", True)),
    ],
)
def test_the_host_names_the_provider_where_it_is_known(host, expected):
    reading = ANTHROPIC.open(asked(host, "/v1/messages", BODY), content=False)

    assert expected == (reading.provider, reading.inferred)
