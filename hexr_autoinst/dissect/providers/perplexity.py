"""Perplexity. https://docs.perplexity.ai/api-reference

Its search (`/search`) answers with pages: no model's call.
"""

from typing import Final

from hexr_autoinst.dissect.dialects.openai_chat import OPENAI_CHAT
from hexr_autoinst.dissect.dialects.openai_embeddings import OPENAI_EMBEDDINGS
from hexr_autoinst.dissect.dialects.openai_family import openai_family
from hexr_autoinst.dissect.dialects.openai_responses import OPENAI_RESPONSES
from hexr_autoinst.dissect.dialects.perplexity_async import PERPLEXITY_ASYNC, PERPLEXITY_FETCHED
from hexr_autoinst.dissect.vendor import Vendor, get, post

VENDOR: Final = Vendor(
    name="perplexity",
    provider="perplexity",
    hosts=("api.perplexity.ai",),
    endpoints=(
        *openai_family("(?:/v1)?"),
        post("/v1/sonar", OPENAI_CHAT),
        post("/v1/agent", OPENAI_RESPONSES),
        post("/v1/contextualizedembeddings", OPENAI_EMBEDDINGS),
        post("/async/chat/completions|/v1/async/sonar", PERPLEXITY_ASYNC),
        get("/(?:async/chat/completions|v1/async/sonar)/[^/]+", PERPLEXITY_FETCHED),
    ),
    aliases=("perplexity_ai",),
)
