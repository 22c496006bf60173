"""Ideogram's pictures. https://developer.ideogram.ai/api-reference"""

from typing import Final

from hexr_autoinst.dissect.dialects.pictures import PICTURES
from hexr_autoinst.dissect.vendor import Vendor, post

VENDOR: Final = Vendor(
    name="ideogram",
    provider="ideogram",
    hosts=("api.ideogram.ai",),
    endpoints=(
        post("/v1/(?P<model>ideogram-v[^/]+)/(?:generate|edit|remix|reframe|replace-background)", PICTURES),
        post("/(?:generate|edit|remix|reframe)", PICTURES),
    ),
)
