"""Google's Code Assist, the door of Gemini's command line for users who have signed in. No document but its own client: see the dialect."""

from typing import Final

from hexr_autoinst.dissect.dialects.code_assist import CODE_ASSIST
from hexr_autoinst.dissect.vendor import Vendor, post

VENDOR: Final = Vendor(
    name="code_assist",
    provider="gcp.gen_ai",  # the convention's word where it is neither of Google's two public doors
    hosts=(r"~(?:[a-z]+-)?cloudcode-pa(?:\.mtls|\.sandbox)?\.googleapis\.com",),
    endpoints=(
        post("/v1internal(?::|%3[Aa])(?:generateContent|(?P<stream>streamGenerateContent))", CODE_ASSIST),
    ),
)
