"""GitHub Copilot. https://docs.github.com/en/copilot/reference

A host for each plan (individual, business, enterprise).
"""

from typing import Final

from hexr_autoinst.dissect.dialects.anthropic_messages import ANTHROPIC_MESSAGES
from hexr_autoinst.dissect.dialects.openai_completions import OPENAI_COMPLETIONS
from hexr_autoinst.dissect.dialects.openai_family import openai_family
from hexr_autoinst.dissect.vendor import Vendor, post

VENDOR: Final = Vendor(
    name="github_copilot",
    provider="github_copilot",
    hosts=(
        "api.githubcopilot.com",
        ".githubcopilot.com",
        "copilot-proxy.githubusercontent.com",
    ),
    endpoints=(
        *openai_family("(?:/v1)?"),
        post("/v1/messages", ANTHROPIC_MESSAGES),
        post("/v1/engines/(?P<model>[^/]+)/completions", OPENAI_COMPLETIONS),
    ),
)
