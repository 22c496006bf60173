"""Amazon Bedrock's agents, flows and knowledge bases. https://docs.aws.amazon.com/bedrock/latest/APIReference/API_Operations_Agents_for_Amazon_Bedrock_Runtime.html

Retrieve without an answer made of it asks no model; sessions, memories and executions that are only started are no calls either.
"""

from typing import Final

from hexr_autoinst.dissect.dialects.bedrock_agent import BEDROCK_AGENT, BEDROCK_FLOW
from hexr_autoinst.dissect.dialects.bedrock_knowledge import BEDROCK_KNOWLEDGE, BEDROCK_ORDER
from hexr_autoinst.dissect.vendor import Vendor, post

VENDOR: Final = Vendor(
    name="aws_bedrock_agent",
    provider="aws.bedrock",
    hosts=(
        r"~(?:[a-z0-9-]+\.)*bedrock-agent-runtime(?:-fips)?\.[a-z0-9-]+\.(?:vpce\.)?(?:amazonaws\.com(?:\.cn)?|api\.aws)",
    ),
    endpoints=(
        post("/agents/[^/]+/agentAliases/[^/]+/sessions/(?P<conversation>[^/]+)/text", BEDROCK_AGENT),
        post("/agents/(?P<conversation>[^/]+)", BEDROCK_AGENT),
        post("/flows/[^/]+/aliases/[^/]+", BEDROCK_FLOW),
        post("/retrieveAndGenerate(?P<stream>Stream)?", BEDROCK_KNOWLEDGE),
        post("/rerank", BEDROCK_ORDER),
    ),
)
