"""Which provider a host belongs to. Data only: host → the convention's provider name, or a custom one where it has none.

A host in this table that speaks another vendor's shape is told as its owner's, never as the shape's.
"""

from typing import Final

# Exact names. https://opentelemetry.io/docs/specs/semconv/registry/attributes/gen-ai/ for the well-known values.
_EXACT: Final = {
    "api.openai.com": "openai",
    "api.anthropic.com": "anthropic",
    "generativelanguage.googleapis.com": "gcp.gemini",
    "aiplatform.googleapis.com": "gcp.vertex_ai",
    "api.cohere.com": "cohere",
    "api.cohere.ai": "cohere",
    "api.mistral.ai": "mistral_ai",
    "codestral.mistral.ai": "mistral_ai",
    "api.groq.com": "groq",
    "api.deepseek.com": "deepseek",
    "api.perplexity.ai": "perplexity",
    "api.x.ai": "x_ai",
    "openrouter.ai": "openrouter",
    "api.together.xyz": "together_ai",
    "api.together.ai": "together_ai",
    "api.fireworks.ai": "fireworks",
    "api.cerebras.ai": "cerebras",
    "router.huggingface.co": "hugging_face",
    "api-inference.huggingface.co": "hugging_face",
    "models.inference.ai.azure.com": "azure.ai.inference",
    "models.github.ai": "azure.ai.inference",
    "api.moonshot.ai": "moonshot_ai",
    "api.moonshot.cn": "moonshot_ai",
    "api.writer.com": "writer",
    "integrate.api.nvidia.com": "nvidia",
    "api.sambanova.ai": "sambanova",
    "api.deepinfra.com": "deepinfra",
    "dashscope.aliyuncs.com": "alibaba_cloud",
    "dashscope-intl.aliyuncs.com": "alibaba_cloud",
    "open.bigmodel.cn": "zhipu_ai",
    "api.minimax.io": "minimax",
    "api.z.ai": "zhipu_ai",
}

# Domains under which each customer or region has a name of its own.
_BELOW: Final = {
    "api.openai.com": "openai",  # us.api.openai.com, eu.api.openai.com: data residency
    "openai.azure.com": "azure.ai.openai",
    "cognitiveservices.azure.com": "azure.ai.openai",
    "services.ai.azure.com": "azure.ai.inference",
    "inference.ai.azure.com": "azure.ai.inference",
    "ml.cloud.ibm.com": "ibm.watsonx.ai",
    "snowflakecomputing.com": "snowflake",
    "cloud.databricks.com": "databricks",
    "azuredatabricks.net": "databricks",
    "endpoints.huggingface.cloud": "hugging_face",
}


def provider_of(host: str) -> str | None:
    """The provider that owns `host`; None where nobody is known to."""
    name = host.lower().rstrip(".")
    if name in _EXACT:
        return _EXACT[name]
    if name.endswith("-aiplatform.googleapis.com"):  # the region is a prefix of the label
        return "gcp.vertex_ai"
    if name.startswith("bedrock-runtime") and name.endswith(".amazonaws.com"):
        return "aws.bedrock"
    return next((owner for domain, owner in _BELOW.items() if name.endswith("." + domain)), None)
