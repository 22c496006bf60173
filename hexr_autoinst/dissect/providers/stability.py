"""Stability AI's pictures. https://platform.stability.ai/docs/api-reference"""

from typing import Final

from hexr_autoinst.dissect.dialects.pictures import PICTURES
from hexr_autoinst.dissect.vendor import Vendor, post

VENDOR: Final = Vendor(
    name="stability",
    provider="stability_ai",
    hosts=("api.stability.ai",),
    endpoints=(
        post("/v2beta/stable-image/generate/(?P<model>[^/]+)", PICTURES),
        post("/v2beta/stable-image/(?:edit|control|upscale)/[^/]+", PICTURES),
        post("/v1/generation/(?P<model>[^/]+)/(?:text-to-image|image-to-image(?:/[^/]+)?)", PICTURES),
    ),
)
