"""Snowflake Cortex. https://docs.snowflake.com/en/user-guide/snowflake-cortex/cortex-rest-api"""

from typing import Final

from hexr_autoinst.dissect.dialects.anthropic_messages import ANTHROPIC_MESSAGES
from hexr_autoinst.dissect.dialects.openai_family import openai_family
from hexr_autoinst.dissect.dialects.snowflake_complete import SNOWFLAKE_COMPLETE
from hexr_autoinst.dissect.vendor import Vendor, post

VENDOR: Final = Vendor(
    name="snowflake",
    provider="snowflake",
    hosts=(".snowflakecomputing.com", ".snowflakecomputing.cn"),
    endpoints=(
        post("/api/v2/cortex/inference(?::|%3[Aa]|/)complete", SNOWFLAKE_COMPLETE),
        *openai_family("/api/v2/cortex(?:/openai)?/v1"),
        post("/api/v2/cortex(?:/anthropic)?/v1/messages", ANTHROPIC_MESSAGES),
    ),
    aliases=("cortex", "snowflake_cortex"),
)
