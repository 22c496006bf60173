"""The endpoints that OpenAI's many imitators have, below whatever prefix each of them puts first."""

from typing import Final

from hexr_autoinst.dissect.dialects.openai_chat import OPENAI_CHAT
from hexr_autoinst.dissect.dialects.openai_responses import OPENAI_RESPONSES
from hexr_autoinst.dissect.vendor import Endpoint, post

_CHAT: Final = {"/chat/completions": OPENAI_CHAT, "/responses": OPENAI_RESPONSES}


def openai_family(prefix: str = "/v1") -> tuple[Endpoint, ...]:
    """Them, below a prefix (a regular expression)."""
    return tuple(post(f"{prefix}{path}", dialect) for path, dialect in _CHAT.items())
