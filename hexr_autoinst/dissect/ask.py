"""What a model was asked, as any dialect's request gives it; and who asks, from the client's own headers."""

from dataclasses import dataclass
from typing import Final

from hexr_autoinst.dissect import clients
from hexr_autoinst.dissect.lenient import clean, integer
from hexr_autoinst.model.exchange import Headers
from hexr_autoinst.model.operation import Content, Extra, Sampling

MOST_NAMES: Final = 128  # OpenAI allows 128 tools; https://platform.openai.com/docs/api-reference/chat/create
MOST_RESULTS: Final = 512
MOST_STOPS: Final = 16
# What is left of a limit, as vendors say it in header fields of their answers: requests, then tokens.
_LEFT: Final = (
    ("ratelimit.requests", ("x-ratelimit-remaining-requests", "anthropic-ratelimit-requests-remaining")),
    ("ratelimit.tokens", ("x-ratelimit-remaining-tokens", "anthropic-ratelimit-tokens-remaining")),
)
# The SDKs that Stainless generates (OpenAI's, Anthropic's and others') say what they run on.
_STAINLESS: Final = ("x-stainless-lang", "x-stainless-package-version", "x-stainless-runtime")
_CLIENT: Final = ("user-agent", *_STAINLESS)
_RESENT: Final = "x-stainless-retry-count"
# The header fields that are read here, as `dissect.veil` names them.
HEADERS: Final = tuple(
    f"{name}:" for name in (*_STAINLESS, _RESENT, *clients.FIELDS, *(n for _, names in _LEFT for n in names))
)


_UNSAID: Final = Sampling()


@dataclass(frozen=True, slots=True)
class Ask:
    """The request's half of a model call. `tool_definitions`: all names; how many of them are told is the reading's business."""

    model: str | None = None
    stream: bool = False
    sampling: Sampling = _UNSAID
    tool_results: tuple[str, ...] = ()
    tool_definitions: tuple[str, ...] = ()
    conversation: str | None = None
    extras: tuple[tuple[str, Extra], ...] = ()
    content: Content | None = None


def resend_count(headers: Headers) -> int | None:
    """Which attempt this is, after the first. Stainless SDKs count from 0; semconv wants the attribute on resends only."""
    said = headers.get(_RESENT)
    count = integer(int(said)) if said.isascii() and said.isdecimal() and len(said) < 6 else None
    return count or None


def limits_left(headers: Headers) -> tuple[tuple[str, int], ...]:
    """What is left of the caller's rate limits, where the answer says so in the usual fields."""
    found = []
    for name, fields in _LEFT:
        for one in fields:
            if (said := headers.get(one)) and (count := _count(said)) is not None:
                found.append((name, count))
                break
    return tuple(found)


def _count(said: str) -> int | None:
    return integer(int(said)) if said.isascii() and said.isdecimal() and len(said) < 16 else None


def client_hint(headers: Headers) -> str:
    """The client's own words about itself, on one line."""
    return clean(" ".join([said for name in _CLIENT if (said := headers.get(name))]), 256)


def last(found: list[str], most: int) -> tuple[str, ...]:
    """The newest `most`: a long conversation carries the results of all its turns."""
    return tuple(found[-most:])
