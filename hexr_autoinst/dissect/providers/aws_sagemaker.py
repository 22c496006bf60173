"""Amazon SageMaker's endpoints, where what is asked is clearly asked of a language model: messages, or a prompt with a limit of tokens.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html
"""

from typing import Final

from hexr_autoinst.dissect.dialects.sagemaker import SAGEMAKER_CHAT, SAGEMAKER_TEXT
from hexr_autoinst.dissect.vendor import Vendor, one_of, post

_INVOKE: Final = "/endpoints/(?P<model>[^/]+)/invocations(?P<stream>-response-stream)?"

VENDOR: Final = Vendor(
    name="aws_sagemaker",
    provider="aws.sagemaker",
    hosts=(
        r"~(?:[a-z0-9-]+\.)*runtime(?:-fips)?\.sagemaker(?:-fips)?\.[a-z0-9-]+\.(?:vpce\.)?(?:amazonaws\.com(?:\.cn)?|api\.aws)",
    ),
    endpoints=one_of(post(_INVOKE, SAGEMAKER_CHAT), post(_INVOKE, SAGEMAKER_TEXT)),
    aliases=("sagemaker", "sagemaker_chat"),
)
