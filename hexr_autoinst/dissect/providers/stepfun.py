"""StepFun. https://platform.stepfun.com/docs/api-reference"""

from typing import Final

from hexr_autoinst.dissect.dialects.anthropic_messages import ANTHROPIC_MESSAGES
from hexr_autoinst.dissect.dialects.openai_family import openai_family
from hexr_autoinst.dissect.vendor import Vendor, post

VENDOR: Final = Vendor(
    name="stepfun",
    provider="stepfun",
    hosts=(
        "api.stepfun.com",
        "api.stepfun.ai",
    ),
    endpoints=(
        *openai_family("(?:/step_plan)?/v1"),
        post("/(?:step_plan/)?v1/messages", ANTHROPIC_MESSAGES),
    ),
)
