"""Black Forest Labs: a picture is ordered by a model's own path, and fetched later. https://docs.bfl.ai/api-reference"""

from typing import Final

from hexr_autoinst.dissect.dialects.pictures import PICTURES
from hexr_autoinst.dissect.vendor import Vendor, post

VENDOR: Final = Vendor(
    name="black_forest_labs",
    provider="black_forest_labs",
    hosts=("api.bfl.ai", "api.us.bfl.ai", "api.eu.bfl.ai", "api.bfl.ml"),
    endpoints=(post("/v1/(?P<model>flux-[^/]+)", PICTURES),),
    aliases=("bfl",),
)
