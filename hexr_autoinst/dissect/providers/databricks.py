"""Databricks' model serving. https://docs.databricks.com/aws/en/machine-learning/model-serving/score-foundation-models

An endpoint is invoked by its name, and serves a language model or any other: the body shows which.
"""

from typing import Final

from hexr_autoinst.dissect.dialects.anthropic_messages import ANTHROPIC_MESSAGES
from hexr_autoinst.dissect.dialects.openai_chat import OPENAI_CHAT
from hexr_autoinst.dissect.dialects.openai_completions import OPENAI_COMPLETIONS
from hexr_autoinst.dissect.dialects.openai_embeddings import OPENAI_EMBEDDINGS
from hexr_autoinst.dissect.dialects.openai_family import openai_family
from hexr_autoinst.dissect.vendor import Vendor, one_of, post

_INVOKED: Final = "/serving-endpoints/(?P<model>[^/]+)/invocations"

VENDOR: Final = Vendor(
    name="databricks",
    provider="databricks",
    hosts=(
        ".cloud.databricks.com",
        ".cloud.databricks.us",
        ".gcp.databricks.com",
        ".azuredatabricks.net",
        ".databricks.azure.us",
        ".databricks.azure.cn",
    ),
    endpoints=(
        *openai_family("/(?:serving-endpoints(?:/open-?ai/v1)?|ai-gateway/(?:mlflow|openai)/v1)"),
        post("/(?:serving-endpoints|ai-gateway)/anthropic/v1/messages", ANTHROPIC_MESSAGES),
        *one_of(
            post(_INVOKED, OPENAI_CHAT), post(_INVOKED, OPENAI_COMPLETIONS), post(_INVOKED, OPENAI_EMBEDDINGS)
        ),
    ),
)
