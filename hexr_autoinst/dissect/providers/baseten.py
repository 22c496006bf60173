"""Baseten: models of its own, and deployments of yours behind a host each. https://docs.baseten.co/reference/inference-api"""

from typing import Final

from hexr_autoinst.dissect.dialects.openai_family import openai_family
from hexr_autoinst.dissect.vendor import Vendor

VENDOR: Final = Vendor(
    name="baseten",
    provider="baseten",
    hosts=(
        "inference.baseten.co",
        ".api.baseten.co",
    ),
    endpoints=openai_family("(?:/[^/]+){0,3}/v1"),
)
