"""Amazon Bedrock's runtime: Converse, InvokeModel with each family's own body, and OpenAI's and Anthropic's doors.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_Operations_Amazon_Bedrock_Runtime.html. The model stands
in the path: an id, or an ARN (with a slash, if it is not encoded). CountTokens, ApplyGuardrail and asynchronous
invocations are no calls of a model that is answered.
"""

from typing import Final

from hexr_autoinst.dissect.dialects.anthropic_messages import ANTHROPIC_MESSAGES
from hexr_autoinst.dissect.dialects.bedrock_converse import BEDROCK_CONVERSE
from hexr_autoinst.dissect.dialects.bedrock_invoke import (
    INVOKE_ANTHROPIC,
    INVOKE_ANTHROPIC_COMPLETE,
    INVOKE_CHAT,
    INVOKE_COMMAND,
    INVOKE_EMBEDDINGS,
    INVOKE_IMAGES,
    INVOKE_NOVA,
    INVOKE_RERANK,
    INVOKE_TEXT,
)
from hexr_autoinst.dissect.dialects.openai_family import openai_family
from hexr_autoinst.dissect.vendor import Vendor, one_of, post

_INVOKE: Final = "/invoke(?P<stream>-with-response-stream)?"
_ANY: Final = f"/model/(?P<model>.+){_INVOKE}"

VENDOR: Final = Vendor(
    name="aws_bedrock",
    provider="aws.bedrock",
    hosts=(
        # the region's, and through an endpoint of one's own network; Mantle speaks OpenAI's and Anthropic's APIs
        r"~(?:[a-z0-9-]+\.)*bedrock-runtime(?:-fips)?\.[a-z0-9-]+\.(?:vpce\.)?(?:amazonaws\.com(?:\.cn)?|api\.aws)",
        r"~(?:[a-z0-9-]+\.)*bedrock-mantle(?:-fips)?\.[a-z0-9-]+\.(?:vpce\.)?(?:amazonaws\.com(?:\.cn)?|api\.aws)",
    ),
    endpoints=(
        post("/model/(?P<model>.+)/converse(?P<stream>-stream)?", BEDROCK_CONVERSE),
        # what the name of a model says, where its body looks like another's
        post(f"/model/(?P<model>.*embed.*){_INVOKE}", INVOKE_EMBEDDINGS),
        post(f"/model/(?P<model>.*rerank.*){_INVOKE}", INVOKE_RERANK),
        post(f"/model/(?P<model>.*stability\\..*){_INVOKE}", INVOKE_IMAGES),
        *one_of(
            post(_ANY, INVOKE_ANTHROPIC),
            post(_ANY, INVOKE_ANTHROPIC_COMPLETE),
            post(_ANY, INVOKE_NOVA),
            post(_ANY, INVOKE_CHAT),
            post(_ANY, INVOKE_COMMAND),
            post(_ANY, INVOKE_RERANK),
            post(_ANY, INVOKE_EMBEDDINGS),
            post(_ANY, INVOKE_IMAGES),
        ),
        post(_ANY, INVOKE_TEXT),
        *openai_family("/openai/v1"),
        *openai_family("/v1"),
        post("(?:/anthropic)?/v1/messages", ANTHROPIC_MESSAGES),
    ),
    aliases=("bedrock", "amazon_bedrock"),
)
