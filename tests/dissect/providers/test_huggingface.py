import pytest

from hexr_autoinst.dissect.claim import Claim, choose
from hexr_autoinst.dissect.providers.huggingface import VENDOR as HUGGING_FACE
from tests.dissect.asked import asked

CHAT = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
GENERATE = {"inputs": "x", "parameters": {"max_new_tokens": 5}}
ROUTER, ENDPOINT = "router.huggingface.co", "abc.us-east-1.aws.endpoints.huggingface.cloud"


@pytest.mark.parametrize(
    ("host", "path", "body", "model", "dialect"),
    [
        (ROUTER, "/v1/chat/completions", CHAT, "m", "openai_chat"),
        (ROUTER, "/together/v1/chat/completions", CHAT, "m", "openai_chat"),
        (ROUTER, "/fireworks-ai/inference/v1/chat/completions", CHAT, "m", "openai_chat"),
        (
            ROUTER,
            "/hf-inference/models/o/n/v1/chat/completions",
            {**CHAT, "model": None},
            "o/n",
            "openai_chat",
        ),
        (ROUTER, "/hf-inference/models/o/n", GENERATE, "o/n", "tgi_generate"),
        (ROUTER, "/hf-inference/models/o/n", {"inputs": "x"}, "o/n", "hf_task"),
        (ROUTER, "/hf-inference/models/gpt2", {"inputs": "x"}, "gpt2", "hf_task"),
        (ROUTER, "/hf-inference/models/o/n/pipeline/feature-extraction", {"inputs": "x"}, "o/n", "tei_embed"),
        (ROUTER, "/hf-inference/models/o/n/pipeline/sentence-similarity", {"inputs": {}}, "o/n", "hf_task"),
        ("api-inference.huggingface.co", "/models/o/n", GENERATE, "o/n", "tgi_generate"),
        (
            "api-inference.huggingface.co",
            "/pipeline/feature-extraction/o/n",
            {"inputs": "x"},
            "o/n",
            "tei_embed",
        ),
        (ENDPOINT, "/", GENERATE, None, "tgi_generate"),
        (ENDPOINT, "/", {"inputs": "x"}, None, "hf_task"),
        (ENDPOINT, "/generate_stream", GENERATE, None, "tgi_generate"),
        ("localhost", "/generate", GENERATE, None, "tgi_generate"),
        ("localhost", "/embed", {"inputs": ["x"]}, None, "tei_embed"),
        ("localhost", "/rerank", {"query": "q", "texts": ["x"]}, None, "tei_rerank"),
    ],
)
def test_the_path_names_the_model_and_the_body_the_shape(host, path, body, model, dialect):
    about = asked(host, path, body)
    reading = choose(about).open(about, content=False)

    assert (reading.dialect.name, reading.ask.model) == (dialect, model)
    assert reading.answers.provider.name == "hugging_face"


@pytest.mark.parametrize(
    ("host", "path", "body"),
    [
        ("localhost", "/", GENERATE),
        ("localhost", "/models/o/n", GENERATE),
        ("localhost", "/generate", {"inputs": "x"}),
        ("localhost", "/generate", {"prompt": "x"}),
        ("localhost", "/embed", {"url": "https://h"}),
        ("localhost", "/rerank", {"query": "q"}),
        ("huggingface.co", "/api/models/o/n", {"inputs": "x"}),
        (ENDPOINT, "/info", {}),
    ],
)
def test_elsewhere_a_path_alone_is_not_enough(host, path, body):
    assert HUGGING_FACE.claim(asked(host, path, body)) is Claim.NO
