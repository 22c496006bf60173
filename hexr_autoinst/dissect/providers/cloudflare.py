"""Cloudflare's Workers AI. https://developers.cloudflare.com/workers-ai/get-started/rest-api/

The model stands in the path, and begins with @. The rest of the API's host is no model's.
"""

from typing import Final

from hexr_autoinst.dissect.dialects.cloudflare_run import CLOUDFLARE_EMBEDDINGS, CLOUDFLARE_RUN
from hexr_autoinst.dissect.dialects.openai_family import openai_family
from hexr_autoinst.dissect.vendor import Vendor, one_of, post

_ACCOUNT: Final = "/client/v4/accounts/[^/]+/ai"
_RUN: Final = f"{_ACCOUNT}/run/(?P<model>(?:@|%40).+)"

VENDOR: Final = Vendor(
    name="cloudflare",
    provider="cloudflare",
    hosts=("api.cloudflare.com",),
    endpoints=(
        *one_of(post(_RUN, CLOUDFLARE_EMBEDDINGS), post(_RUN, CLOUDFLARE_RUN)),
        *openai_family(f"{_ACCOUNT}/v1"),
    ),
    aliases=("workers_ai",),
)
