"""Ollama, on a host of one's own as a rule: path and shape are its own there, who answers is deduced. https://docs.ollama.com/api"""

from typing import Final

from hexr_autoinst.dissect.dialects.ollama_chat import OLLAMA_CHAT
from hexr_autoinst.dissect.dialects.ollama_embed import OLLAMA_EMBED
from hexr_autoinst.dissect.dialects.ollama_generate import OLLAMA_GENERATE
from hexr_autoinst.dissect.dialects.openai_family import openai_family
from hexr_autoinst.dissect.vendor import Vendor, anywhere, post

_ENDPOINTS: Final = (
    post("/api/chat", OLLAMA_CHAT),
    post("/api/generate", OLLAMA_GENERATE),
    post("/api/embed", OLLAMA_EMBED),
    post("/api/embeddings", OLLAMA_EMBED),
)

VENDOR: Final = Vendor(
    name="ollama",
    provider="ollama",
    hosts=("ollama.com",),
    endpoints=(*_ENDPOINTS, *openai_family()),
    elsewhere=anywhere(*_ENDPOINTS),
)
