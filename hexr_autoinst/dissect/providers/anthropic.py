"""Anthropic's own API, and its message shape wherever else it is spoken."""

from typing import Final

from hexr_autoinst.dissect.claim import Claim, Reading
from hexr_autoinst.dissect.dialects.anthropic_messages import ANTHROPIC_MESSAGES
from hexr_autoinst.dissect.hosts import provider_of
from hexr_autoinst.dissect.lenient import parse_cut
from hexr_autoinst.dissect.reading import begin
from hexr_autoinst.model.exchange import Exchange

_OWN: Final = "anthropic"
_PATH: Final = "/v1/messages"  # /v1/messages/count_tokens and /v1/messages/batches are no calls of a model


class _Anthropic:
    """The dissector."""

    name: Final = _OWN

    def claim(self, exchange: Exchange) -> Claim:
        """Certain on Anthropic's own host; elsewhere path and body together must show the shape."""
        request = exchange.request
        path = request.path.rstrip("/")
        if request.method != "POST" or not path.endswith(_PATH):
            return Claim.NO
        if provider_of(request.host) == _OWN:
            return Claim.HOST if path == _PATH else Claim.NO
        return Claim.PATH if ANTHROPIC_MESSAGES.shaped(parse_cut(request.body)) else Claim.NO

    def open(self, exchange: Exchange, *, content: bool) -> Reading:
        """Begin to read."""
        owner = provider_of(exchange.request.host)
        body = parse_cut(exchange.request.body)
        return begin(
            ANTHROPIC_MESSAGES, body, provider=owner or _OWN, inferred=owner is None, content=content
        )


ANTHROPIC: Final = _Anthropic()
