"""GitHub Models. https://docs.github.com/en/rest/models/inference"""

from typing import Final

from hexr_autoinst.dissect.dialects.openai_family import openai_family
from hexr_autoinst.dissect.vendor import Vendor

VENDOR: Final = Vendor(
    name="github_models",
    provider="github_models",
    hosts=("models.github.ai",),
    endpoints=openai_family("(?:/orgs/[^/]+)?/inference"),
    aliases=("github",),
)
