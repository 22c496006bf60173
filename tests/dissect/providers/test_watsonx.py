import pytest

from hexr_autoinst.dissect.claim import Claim
from hexr_autoinst.dissect.providers.watsonx import VENDOR as WATSONX
from tests.dissect.asked import asked

HOST = "eu-de.ml.cloud.ibm.com"


@pytest.mark.parametrize(
    ("host", "path", "body", "expected"),
    [
        (HOST, "/ml/v1/text/generation", {}, Claim.HOST),
        (HOST, "/ml/v1/text/generation_stream", {}, Claim.HOST),
        (HOST, "/ml/v1-beta/generation/text_stream", {}, Claim.HOST),
        (HOST, "/ml/v1/deployments/d/text/chat_stream", {}, Claim.HOST),
        (HOST, "/ml/v1/text/tokenization", {"model_id": "m", "input": "x"}, Claim.NO),
        (HOST, "/ml/v1/time_series/forecast", {}, Claim.NO),
        (HOST, "/ml/v4/instances/x", {}, Claim.NO),
        ("cpd.internal", "/ml/v1/text/generation", {"model_id": "m", "input": "x"}, Claim.PATH),
        ("cpd.internal", "/ml/v1/text/generation", {"text": "x"}, Claim.NO),
        ("iam.cloud.ibm.com", "/identity/token", {}, Claim.NO),
    ],
)
def test_host_path_and_body_make_the_claim_together(host, path, body, expected):
    assert expected is WATSONX.claim(asked(host, path, body))
