"""Lambda. https://docs.lambda.ai/public-cloud/lambda-inference-api"""

from typing import Final

from hexr_autoinst.dissect.dialects.openai_family import openai_family
from hexr_autoinst.dissect.vendor import Vendor

VENDOR: Final = Vendor(
    name="lambda_ai",
    provider="lambda_ai",
    hosts=(
        "api.lambda.ai",
        "api.lambdalabs.com",
    ),
    endpoints=openai_family(),
    aliases=("lambda",),
)
