import pytest

from hexr_autoinst.dissect.claim import Claim, question
from hexr_autoinst.dissect.providers.vertex_ai import VENDOR as VERTEX
from tests.dissect.asked import asked

HOST = "us-central1-aiplatform.googleapis.com"
P = "/v1/projects/p/locations/us-central1"
TEXT = {"instances": [{"prompt": "x", "max_tokens": 9}]}
CHAT = {"messages": [{"role": "user", "content": "x"}]}


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        (HOST, "vertex_ai"),
        ("aiplatform.googleapis.com", "vertex_ai"),
        ("aiplatform.us.rep.googleapis.com", "vertex_ai"),
        ("aiplatform.mtls.googleapis.com", "vertex_ai"),
        ("europe-west4-aiplatform-psc.p.googleapis.com", "vertex_ai"),
        ("4711.us-central1-42.prediction.vertexai.goog", "vertex_ai"),
        ("storage.googleapis.com", None),
        ("aiplatform.example.com", None),
        ("aiplatform.googleapis.com.example.com", None),
    ],
)
def test_every_door_is_known(host, expected):
    assert expected == question(asked(host, "/", {}).exchange).owner


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        (f"{P}/publishers/google/models/m:generateContent", {}, "gemini"),
        ("/v1/publishers/google/models/m:streamGenerateContent", {}, "gemini"),
        (f"{P}/endpoints/1:generateContent", {}, "gemini"),
        (f"{P}/publishers/google/models/m:countTokens", {}, None),
        (f"{P}/publishers/google/models/veo:predictLongRunning", {}, None),
        (f"{P}/publishers/google/models/veo:fetchPredictOperation", {}, None),
        (f"{P}/publishers/google/models/imagen-3:predict", {"instances": [{"prompt": "x"}]}, "vertex_images"),
        (f"{P}/publishers/google/models/lyria-2:predict", {"instances": [{"prompt": "x"}]}, None),
        (f"{P}/publishers/google/models/e:predict", {"instances": [{"content": "x"}]}, "vertex_embeddings"),
        (f"{P}/publishers/google/models/e:embedContent", {}, "gemini_embeddings"),
        (f"{P}/endpoints/1:predict", TEXT, "vertex_text"),
        (f"{P}/endpoints/1:predict", {"instances": [{"content": "x"}]}, None),
        (f"{P}/endpoints/1:predict", {"instances": [{"age": 3}]}, None),
        (f"{P}/endpoints/1:rawPredict", CHAT, "openai_chat"),
        (f"{P}/endpoints/1:rawPredict", TEXT, None),
        (f"{P}/endpoints/1/chat/completions", CHAT, "openai_chat"),
        (f"{P}/publishers/anthropic/models/c:rawPredict", {}, "anthropic_messages"),
        (f"{P}/publishers/anthropic/models/count-tokens:rawPredict", {}, None),
        (f"{P}/publishers/mistralai/models/m:rawPredict", CHAT, "openai_chat"),
        (f"{P}/publishers/mistralai/models/m:rawPredict", {"document": {}}, None),
        (f"{P}/interactions", {"agent": "a", "input": "x"}, "gemini_agents"),
        (f"{P}/interactions", {"model": "m", "input": "x"}, "gemini_interactions"),
        (f"{P}/cachedContents", {}, None),
        (f"{P}/batchPredictionJobs", {}, None),
    ],
)
def test_path_and_body_name_the_shape(path, body, expected):
    about = question(asked(HOST, path, body).exchange)
    claim = VERTEX.claim(about)

    assert claim is (Claim.HOST if expected else Claim.NO)
    assert expected is None or expected == VERTEX.open(about, content=False).dialect.name
