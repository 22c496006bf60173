"""Hugging Face: its router and inference API, endpoints of one's own, and its two servers wherever they run. https://huggingface.co/docs/inference-providers"""

from typing import Final

from hexr_autoinst.dissect.dialects.hf_task import HF_TASK
from hexr_autoinst.dissect.dialects.openai_family import openai_family
from hexr_autoinst.dissect.dialects.rerank import TEI_RERANK
from hexr_autoinst.dissect.dialects.tei import TEI_EMBED
from hexr_autoinst.dissect.dialects.tgi_generate import TGI_GENERATE
from hexr_autoinst.dissect.vendor import Vendor, anywhere, one_of, post

_MODEL: Final = "(?:/hf-inference)?/models/(?P<model>[^/]+(?:/[^/]+)?)"
_SERVERS: Final = (
    post("/generate(?P<stream>_stream)?", TGI_GENERATE),
    post("/embed(?:_all|_sparse)?", TEI_EMBED),
    post("/rerank", TEI_RERANK),
)

VENDOR: Final = Vendor(
    name="huggingface",
    provider="hugging_face",
    hosts=("router.huggingface.co", "api-inference.huggingface.co", ".endpoints.huggingface.cloud"),
    endpoints=(
        *openai_family(),
        *openai_family(f"{_MODEL}/v1"),
        *openai_family(
            "/[a-z0-9-]+(?:/[a-z0-9-]+)?/v[0-9](?:/openai)?"
        ),  # a provider's own path behind the router
        post(f"{_MODEL}/pipeline/feature-extraction", TEI_EMBED),
        post("(?:/hf-inference)?/pipeline/feature-extraction/(?P<model>.+)", TEI_EMBED),
        *one_of(post(_MODEL, TGI_GENERATE)),
        post(f"{_MODEL}(?:/pipeline/[a-z-]+)?", HF_TASK),
        *one_of(post("", TGI_GENERATE)),  # an endpoint answers at its root
        post("", HF_TASK),
        *_SERVERS,
    ),
    elsewhere=anywhere(*_SERVERS),
    aliases=("hf", "hf_inference"),
)
