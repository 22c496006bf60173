import pytest

from hexr_autoinst.dissect.hosts import provider_of


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("api.openai.com", "openai"),
        ("API.OpenAI.com.", "openai"),
        ("eu.api.openai.com", "openai"),
        ("notapi.openai.com.evil.example", None),
        ("evilapi.openai.com", None),
        ("unit.openai.azure.com", "azure.ai.openai"),
        ("api.x.ai", "x_ai"),
        ("api.mistral.ai", "mistral_ai"),
        ("europe-west1-aiplatform.googleapis.com", "gcp.vertex_ai"),
        ("storage.googleapis.com", None),
        ("bedrock-runtime.eu-central-1.amazonaws.com", "aws.bedrock"),
        ("s3.amazonaws.com", None),
        ("localhost", None),
        ("", None),
    ],
)
def test_a_host_has_the_provider_that_owns_it(host, expected):
    assert expected == provider_of(host)
