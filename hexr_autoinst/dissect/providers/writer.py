"""Writer. https://dev.writer.com/api-reference

Files, knowledge graphs and the tools beside the models ask no model; an application without code is one call of Writer's own.
"""

from typing import Final

from hexr_autoinst.dissect.dialects.openai_chat import OPENAI_CHAT
from hexr_autoinst.dissect.dialects.writer_completion import WRITER_COMPLETION
from hexr_autoinst.dissect.vendor import Vendor, post

VENDOR: Final = Vendor(
    name="writer",
    provider="writer",
    hosts=("api.writer.com",),
    endpoints=(post("/v1/chat", OPENAI_CHAT), post("/v1/completions", WRITER_COMPLETION)),
)
