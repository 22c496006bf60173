import pytest

from hexr_autoinst.dissect.claim import Claim
from hexr_autoinst.dissect.providers.gemini import VENDOR as GEMINI
from tests.dissect.asked import asked

HOST = "generativelanguage.googleapis.com"
BODY = {"contents": [{"parts": [{"text": "x"}]}]}


@pytest.mark.parametrize(
    ("host", "path", "method", "expected"),
    [
        (HOST, "/v1beta/models/gemini-2.5-flash:generateContent", "POST", Claim.HOST),
        (HOST, "/v1/models/gemini-2.5-flash:streamGenerateContent", "POST", Claim.HOST),
        (HOST, "/v1alpha/tunedModels/t:generateContent", "POST", Claim.HOST),
        (HOST, "/v1beta/models/gemini-2.5-flash%3AgenerateContent", "POST", Claim.HOST),
        (HOST, "/v1beta/models/gemini-2.5-flash:countTokens", "POST", Claim.NO),
        (HOST, "/v1beta/models/veo-3.0:predictLongRunning", "POST", Claim.NO),
        (HOST, "/v1beta/models/gemini-2.5-flash:batchGenerateContent", "POST", Claim.NO),
        (HOST, "/v1beta/models/gemini-2.5-flash", "GET", Claim.NO),
        (HOST, "/v1beta/models", "GET", Claim.NO),
        (HOST, "/v1beta/cachedContents", "POST", Claim.NO),
        (HOST, "/upload/v1beta/files", "POST", Claim.NO),
        (HOST, "/v1beta/operations/o", "GET", Claim.NO),
        (HOST, "/v1beta/interactions", "POST", Claim.HOST),
        (HOST, "/v1beta/interactions/i-1", "GET", Claim.NO),
        (HOST, "/v1beta/interactions/i-1/cancel", "POST", Claim.NO),
        (HOST, "/v1beta/openai/chat/completions", "POST", Claim.HOST),
        (HOST, "/v1beta/openai/models", "GET", Claim.NO),
        ("localhost", "/any/models/m:generateContent", "POST", Claim.PATH),
        ("us-central1-aiplatform.googleapis.com", "/v1/publishers/google/models/m:generateContent", "POST", Claim.PATH),
        ("localhost", "/any/models/m:predict", "POST", Claim.NO),
    ],
)  # fmt: skip
def test_what_asks_a_model_is_claimed_and_nothing_else(host, path, method, expected):
    assert expected is GEMINI.claim(asked(host, path, BODY, method))


@pytest.mark.parametrize(
    ("path", "model"),
    [
        ("/v1beta/models/gemini-2.5-flash:generateContent", "gemini-2.5-flash"),
        ("/v1beta/tunedModels/t-1:generateContent", "tunedModels/t-1"),
        ("/v1beta/dynamic/d-1:generateContent", "dynamic/d-1"),
    ],
)
def test_the_model_stands_in_the_path(path, model):
    assert model == GEMINI.open(asked(HOST, path, BODY), content=False).ask.model
