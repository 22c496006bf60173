"""OVHcloud AI Endpoints: one host for all, before that one for each model. https://help.ovhcloud.com/csm/en-public-cloud-ai-endpoints"""

from typing import Final

from hexr_autoinst.dissect.dialects.openai_family import openai_family
from hexr_autoinst.dissect.vendor import Vendor

VENDOR: Final = Vendor(
    name="ovhcloud",
    provider="ovhcloud",
    hosts=(".endpoints.kepler.ai.cloud.ovh.net",),
    endpoints=openai_family("(?:/api/openai_compat)?/v1"),
    aliases=("ovh",),
)
