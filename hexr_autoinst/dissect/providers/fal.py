"""fal: models by their path, answered at once or out of a queue. https://docs.fal.ai/model-apis/model-endpoints

What a model makes its name alone says: this one tells the pictures, of those whose path begins as picture models' do here.
"""

from typing import Final

from hexr_autoinst.dissect.dialects.pictures import PICTURES
from hexr_autoinst.dissect.vendor import Vendor, post

_FAMILIES: Final = (
    "(?:flux|stable-diffusion|sd|sdxl|recraft|ideogram|hidream|imagen|qwen-image|bria|nano-banana)"
)

VENDOR: Final = Vendor(
    name="fal",
    provider="fal",
    hosts=("fal.run", "queue.fal.run"),
    endpoints=(post(f"/(?P<model>fal-ai/{_FAMILIES}[^/]*(?:/[^/]+)*)", PICTURES),),
    aliases=("fal_ai",),
)
