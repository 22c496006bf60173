"""What a gateway lets through of who answers: a vendor's name in a header, a path or before a model's name, or the address of its host.

A gateway's vendor is asked for its `tells`; these are the pieces that they are made of. A word that no vendor goes by says nothing.
"""

from typing import Any, Final
from urllib.parse import urlsplit

from hexr_autoinst.dissect import form
from hexr_autoinst.dissect.lenient import parse_cut, text
from hexr_autoinst.dissect.who import Provider
from hexr_autoinst.model.exchange import Exchange, Headers

_LONGEST: Final = 64  # characters of a vendor's name


def named(word: str | None, *, inferred: bool = False) -> Provider | None:
    """The vendor that goes by this word."""
    from hexr_autoinst.dissect import VENDORS  # the list imports the vendors, and they this file

    found = VENDORS.alias(word) if word and len(word) <= _LONGEST else None
    return Provider(found, inferred) if found else None


def at(url: str) -> Provider | None:
    """The vendor whose host an address names."""
    from hexr_autoinst.dissect import VENDORS

    try:
        host = urlsplit(url if "//" in url else f"//{url}").hostname
    except ValueError:  # not an address after all
        return None
    owner = VENDORS.owner(host) if host else None
    provider = VENDORS.named(owner).provider if owner else ""
    return Provider(provider) if provider else None


def before_slash(model: str | None, *, inferred: bool = False) -> Provider | None:
    """The vendor before a model's name: `anthropic/claude-sonnet-4-5`."""
    word, slash, _ = (model or "").partition("/")
    return named(word, inferred=inferred) if slash else None


def asked_model(exchange: Exchange) -> str | None:
    """The model that the request's body names. It is read again: only where something shows a gateway."""
    request = exchange.request
    kind = request.headers.get("content-type")
    body: Any = form.fields(kind, request.body) if form.is_form(kind) else parse_cut(request.body)
    return text(body.get("model")) if isinstance(body, dict) else None


def answered(exchange: Exchange) -> Headers:
    """The answer's header fields; none as long as there is no answer."""
    return exchange.response.headers if exchange.response else Headers()
