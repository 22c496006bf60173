"""OpenAI's own API, and its shapes wherever else they are spoken. https://platform.openai.com/docs/api-reference

Files, batches, vector stores, fine-tuning, evaluations, containers, conversations' items and the lists of models ask no model anything: no span.
"""

from typing import Final

from hexr_autoinst.dissect.dialects.openai_chat import OPENAI_CHAT
from hexr_autoinst.dissect.dialects.openai_completions import OPENAI_COMPLETIONS
from hexr_autoinst.dissect.dialects.openai_embeddings import OPENAI_EMBEDDINGS
from hexr_autoinst.dissect.dialects.openai_family import openai_family, openai_runs
from hexr_autoinst.dissect.dialects.openai_responses import OPENAI_RESPONSE_SEEN
from hexr_autoinst.dissect.vendor import Vendor, anywhere, get, post

VENDOR: Final = Vendor(
    name="openai",
    provider="openai",
    hosts=("api.openai.com", ".api.openai.com"),  # us., eu.: data residency
    endpoints=(
        *openai_family(),
        *openai_runs(),
        post("/v1/engines/(?P<model>[^/]+)/completions", OPENAI_COMPLETIONS),  # of before 2023
        post("/v1/engines/(?P<model>[^/]+)/embeddings", OPENAI_EMBEDDINGS),
    ),
    # Deployments are Azure's: see azure_openai. Ids of responses and runs say what they are.
    elsewhere=anywhere(
        *(e for e in openai_family("") if e.method != "GET"),
        get("/responses/resp_[^/]+", OPENAI_RESPONSE_SEEN),
        *openai_runs(""),
        unless="/openai/deployments/",
    ),
    loose=(OPENAI_CHAT,),
)
