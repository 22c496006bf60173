"""Scaleway: generative APIs, below a project or not, and deployments behind a host each. https://www.scaleway.com/en/developers/api/generative-apis"""

from typing import Final

from hexr_autoinst.dissect.dialects.openai_family import openai_family
from hexr_autoinst.dissect.vendor import Vendor

VENDOR: Final = Vendor(
    name="scaleway",
    provider="scaleway",
    hosts=(
        "api.scaleway.ai",
        r"~[^.]+\.ifr\.[a-z-]+\.scaleway\.com",
    ),
    endpoints=openai_family("(?:/[^/]+)?/v1"),
)
