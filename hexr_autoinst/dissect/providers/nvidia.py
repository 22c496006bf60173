"""NVIDIA's hosted models (NIM). https://docs.api.nvidia.com/nim/reference

Some models have a path of their own that ends as OpenAI's do.
"""

from typing import Final

from hexr_autoinst.dissect.dialects.openai_chat import OPENAI_CHAT
from hexr_autoinst.dissect.dialects.openai_family import openai_family
from hexr_autoinst.dissect.dialects.rerank import NIM_RANKING
from hexr_autoinst.dissect.vendor import Vendor, anywhere, post

VENDOR: Final = Vendor(
    name="nvidia",
    provider="nvidia",
    hosts=(
        "integrate.api.nvidia.com",
        "ai.api.nvidia.com",
    ),
    endpoints=(
        post("/v1/retrieval/nvidia(?:/(?P<model>[^/]+))?/reranking", NIM_RANKING),
        *openai_family("/v1(?:/[^/]+){0,3}"),
        post("/v1/vlm/(?P<model>.+)", OPENAI_CHAT),
    ),
    elsewhere=anywhere(post("/v1/ranking", NIM_RANKING)),
    aliases=("nvidia_nim",),
)
