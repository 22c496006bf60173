"""Keys planted where people put them do not come out of either door; the counters and ids beside them do."""

import json

import pytest

from hexr_autoinst.model.facts import Data, End, Head
from tests.wire.stage import CONN, SSE_HEAD, asked, chunked, chunks, ended, frames, play

KEY = "PLANTEDhunter2"
NAMES = ["api_key", "apiKey", "OPENAI_API_KEY", "api_token", "apiToken", "github_token", "hf_token", "botToken", "slack_token", "client_secret", "password"]  # fmt: skip
COUNTERS = [
    ("x-amzn-bedrock-input-token-count", "12"),
    ("x-amzn-bedrock-output-token-count", "3"),
    ("x-ratelimit-limit-tokens", "30000"),
    ("x-ratelimit-reset-tokens", "6ms"),
    ("anthropic-ratelimit-input-tokens-remaining", "7"),
    ("mcp-session-id", "s-1"),
    ("request-id", "req_011CSHoEeqs5C35K2UUqR7Fy"),
]
STAYS = {"max_tokens": 5, "usage": {"prompt_tokens": 9}, "token": " the", "logprobs": [{"token": "key"}], "id": "call_1", "page_token_size": "3"}  # fmt: skip


def heard_by_bytes(body, answer):
    head = b"POST /v1 HTTP/1.1\r\nHost: h\r\nX-Api-Token: %s\r\nContent-Length: %d\r\n\r\n" % (
        KEY.encode(),
        len(body),
    )
    fields = b"".join(f"{k}: {v}\r\n".encode() for k, v in COUNTERS)
    return play(
        chunks(("out", head + body), ("in", SSE_HEAD[:-2] + fields + b"\r\n" + chunked(answer)), cut=11)
    )


def heard_by_messages(body, answer):
    return play(
        [
            Head(1, "proxy", "f", "request", CONN.key, "c", method="POST", scheme="https", authority="h", target="/v1",
                 headers=(("Host", "h"), ("X-Api-Token", KEY))),
            Data(2, "proxy", "f", "request", body),
            End(3, "proxy", "f", "request"),
            Head(4, "proxy", "f", "response", status=200, headers=(("Content-Type", "text/event-stream"), *COUNTERS)),
            Data(5, "proxy", "f", "response", answer),
            End(6, "proxy", "f", "response"),
        ]
    )  # fmt: skip


@pytest.mark.parametrize("door", [heard_by_bytes, heard_by_messages])
@pytest.mark.parametrize("name", NAMES)
def test_a_key_under_its_name_leaves_by_no_door_and_what_stands_beside_it_stays(door, name):
    said = {name: KEY, **STAYS}
    nested = {"arguments": json.dumps(said), **STAYS}

    heard = door(json.dumps(nested).encode(), b"data: " + json.dumps(said).encode() + b"\n\n")

    (exchange,), (question,), ((_, _, frame),) = ended(heard), asked(heard), frames(heard)
    assert KEY not in repr(heard)
    assert json.loads(frame) == {name: "[redacted]", **STAYS}
    arguments = json.loads(json.loads(question.request.body)["arguments"])
    assert arguments == {name: "[redacted]", **STAYS}
    assert [exchange.response.headers.get(k) for k, _ in COUNTERS] == [v for _, v in COUNTERS]
    assert question.request.headers.get("x-api-token") == "[redacted]"
