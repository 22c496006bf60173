import pytest

from hexr_autoinst.dissect.claim import Claim
from hexr_autoinst.dissect.providers.replicate import VENDOR as REPLICATE
from tests.dissect.asked import asked


@pytest.mark.parametrize(
    ("host", "path", "method", "expected"),
    [
        ("api.replicate.com", "/v1/predictions", "POST", Claim.HOST),
        ("api.replicate.com", "/v1/models/o/n/predictions", "POST", Claim.HOST),
        ("api.replicate.com", "/v1/deployments/o/n/predictions", "POST", Claim.HOST),
        ("api.replicate.com", "/v1/predictions/p", "GET", Claim.HOST),
        ("api.replicate.com", "/v1/predictions", "GET", Claim.NO),
        ("api.replicate.com", "/v1/predictions/p/cancel", "POST", Claim.NO),
        ("api.replicate.com", "/v1/models/o/n", "GET", Claim.NO),
        ("api.replicate.com", "/v1/trainings", "POST", Claim.NO),
        ("stream.replicate.com", "/v1/files/x", "GET", Claim.NO),
        ("localhost", "/predictions", "POST", Claim.NO),
    ],
)
def test_what_asks_a_model_and_what_does_not(host, path, method, expected):
    assert expected is REPLICATE.claim(asked(host, path, {"input": {}}, method))
