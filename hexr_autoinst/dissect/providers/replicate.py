"""Replicate. https://replicate.com/docs/reference/http

Listing, cancelling, training and the stream of an output's text ask no model.
"""

from typing import Final

from hexr_autoinst.dissect.dialects.replicate import REPLICATE, REPLICATE_FETCHED
from hexr_autoinst.dissect.vendor import Vendor, get, post

_NAMED: Final = "(?P<model>[^/]+/[^/]+)"

VENDOR: Final = Vendor(
    name="replicate",
    provider="replicate",
    hosts=("api.replicate.com",),
    endpoints=(
        post("/v1/predictions", REPLICATE),
        post(f"/v1/(?:models|deployments)/{_NAMED}/predictions", REPLICATE),
        get("/v1/predictions/[^/]+", REPLICATE_FETCHED),
    ),
)
