"""Vercel's v0. https://v0.app/docs/api/model

Its platform API (chats, projects) is no model's.
"""

from typing import Final

from hexr_autoinst.dissect.dialects.openai_chat import OPENAI_CHAT
from hexr_autoinst.dissect.vendor import Vendor, post

VENDOR: Final = Vendor(
    name="vercel_v0",
    provider="vercel_v0",
    hosts=("api.v0.dev",),
    endpoints=(post("/v1/chat/completions", OPENAI_CHAT),),
    aliases=("v0",),
)
