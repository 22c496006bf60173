"""Ids of tool calls that a client quotes within a text, where it tells the model of them in words: `[{'id': 'call_…', 'type': 'function', …}]` (smolagents)."""

import re
from typing import Final

_LONGEST: Final = 16_384  # characters that are looked at
_MOST: Final = 32
# As vendors make them: no word of anybody's looks so.
_ID: Final = re.compile(r"""(['"])id\1: ?(['"])((?:call|toolu|tooluse|chatcmpl-tool)[_-][\w-]{8,64})\2""", re.ASCII)  # fmt: skip


def ids(text: str) -> list[str]:
    """Those in a text, the first few."""
    if "id" not in text[:_LONGEST] or ("'id'" not in text and '"id"' not in text):
        return []
    return [m[3] for m in _ID.finditer(text[:_LONGEST])][:_MOST]
