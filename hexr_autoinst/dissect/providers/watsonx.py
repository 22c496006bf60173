"""IBM watsonx.ai. https://cloud.ibm.com/apidocs/watsonx-ai

Model lists, tokenization, forecasts, extractions and jobs ask no language model.
"""

from typing import Final

from hexr_autoinst.dissect.dialects.watsonx_chat import WATSONX_CHAT
from hexr_autoinst.dissect.dialects.watsonx_generation import WATSONX_GENERATION
from hexr_autoinst.dissect.dialects.watsonx_vectors import WATSONX_EMBEDDINGS, WATSONX_RERANK
from hexr_autoinst.dissect.vendor import Vendor, anywhere, post

# A deployment is asked by its name; which model stands behind it the answer says.
_DEPLOYMENT: Final = "/ml/v1/deployments/(?P<model>[^/]+)"
_ENDPOINTS: Final = (
    post("/ml/v1/text/generation(?P<stream>_stream)?", WATSONX_GENERATION),
    post("/ml/v1-beta/generation/text(?P<stream>_stream)?", WATSONX_GENERATION),
    post("/ml/v1/text/chat(?P<stream>_stream)?", WATSONX_CHAT),
    post(f"{_DEPLOYMENT}/text/generation(?P<stream>_stream)?", WATSONX_GENERATION),
    post(f"{_DEPLOYMENT}/text/chat(?P<stream>_stream)?", WATSONX_CHAT),
    post("/ml/v1/text/embeddings", WATSONX_EMBEDDINGS),
    post("/ml/v1/text/rerank", WATSONX_RERANK),
)

VENDOR: Final = Vendor(
    name="watsonx",
    provider="ibm.watsonx.ai",
    hosts=(".ml.cloud.ibm.com",),
    endpoints=_ENDPOINTS,
    elsewhere=anywhere(*_ENDPOINTS),  # Cloud Pak for Data: the same paths on a host of one's own
    aliases=("ibm", "watsonxai"),
)
