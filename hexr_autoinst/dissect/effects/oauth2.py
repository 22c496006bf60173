"""Token endpoints: what is posted to them says so by itself. RFC 6749, its grants, RFC 8693 (exchange), RFC 8628 (device), RFC 7523 and 7522.

Whoever stands behind them is known by the host: Entra, Google, Amazon; else the provider is OAuth itself. Asking what a token is (RFC 7662)
and giving it back (RFC 7009) bring none.
"""

import re
from dataclasses import replace
from typing import Final

from hexr_autoinst.dissect.claim import Claim, Reading
from hexr_autoinst.dissect.effects.reading import EffectReading, given, hashed, named, told
from hexr_autoinst.dissect.effects.said import fields, host_of, pairs, seconds
from hexr_autoinst.dissect.failure import UNKNOWN
from hexr_autoinst.dissect.lenient import mapping, parse_cut, text
from hexr_autoinst.dissect.question import Question
from hexr_autoinst.model.exchange import Exchange, Request
from hexr_autoinst.model.operation import Effect, Failure

_PATH: Final = re.compile(r"(?:.*/)?(?:[\w\-]*token|oauth2?|access_token|connect)", re.IGNORECASE)
_GRANTS: Final = frozenset({"authorization_code", "client_credentials", "refresh_token", "password"})
_EXTENSION: Final = re.compile(r"urn:(?:ietf|openid|[\w\-]+)(?::[\w.\-]+)*:(?P<name>[\w.\-]{1,64})")
_PROVIDERS: Final = (
    ("azure", re.compile(r"login\.microsoftonline\.(?:com|us)|login\.partner\.microsoftonline\.cn|login\.windows\.net|[\w\-]+\.(?:b2clogin|ciamlogin)\.com")),
    ("gcp", re.compile(r"(?:oauth2|sts|www)\.(?:mtls\.)?googleapis\.com|accounts\.google\.com")),
    ("aws", re.compile(r"oidc\.[\w\-]+\.(?:amazonaws\.com(?:\.cn)?|api\.aws)")),
)  # fmt: skip
# The same of a form and of JSON.
_KEPT: Final = (
    "/", "grant_type", "grantType", "scope", "scope!", "audience", "audience!", "resource", "resource!", "subject_token_type",
    "requested_token_type", "expires_in", "expiresIn", "error",
)  # fmt: skip


class OAuth2:
    """The dissector."""

    name = "oauth2"

    def claim(self, question: Question) -> Claim:
        """By a grant in the body: sure on a host that is known, or on a path that is a token's."""
        exchange = question.exchange
        if exchange.role == "server" or exchange.request.method != "POST" or _grant(question) is None:
            return Claim.NO
        if _provider(exchange.request) is not None:
            return Claim.HOST
        return Claim.PATH if _PATH.fullmatch(question.path) else Claim.SHAPE

    def open(self, question: Question, *, content: bool) -> Reading:  # noqa: ARG002 - nothing here is content
        """Begin to read."""
        request, said = question.exchange.request, fields(question)
        grant, provider = _grant(question) or "", _provider(request)
        audience = text(said.get("audience")) or text(said.get("resource"))
        asked = text(said.get("scope"), 512)
        facts = told(
            provider=provider or "oauth2", credential__operation=grant, credential__audience=audience
        )
        subject = said.get("username") or (said.get("client_id") if grant == "client_credentials" else None)
        sealed = hashed("credential.subject", subject)
        service = host_of(audience) or (host_of(asked) if provider == "azure" else None)
        effect = Effect(
            "credential", "exchange", service, facts=facts, sealed=sealed, uses=provider or "oauth2"
        )
        return EffectReading(effect, lambda e, ex: _answered(e, ex, asked), _KEPT)


def _provider(request: Request) -> str | None:
    host = request.host.lower()
    return next((name for name, hosts in _PROVIDERS if hosts.fullmatch(host)), None)


def _grant(question: Question) -> str | None:
    """The grant, in its short name; None where none is asked for."""
    said = fields(question)
    kind = said.get("grant_type") or said.get("grantType") or ""
    if kind in _GRANTS:
        return kind
    found = _EXTENSION.fullmatch(kind)
    return found["name"] if found else None


def _answered(effect: Effect, exchange: Exchange, asked: str | None) -> Effect:
    """A token, an error of RFC 6749 section 5.2, or another: some answer a form (GitHub), and some an error with 200."""
    answer = exchange.response
    if answer is None:
        return given(effect, named(None, exchange), None)
    said = mapping(parse_cut(answer.body)) or _formed(exchange)
    wrong = text(said.get("error"), 64)
    failure = named(wrong, exchange)
    if failure is None and wrong:
        failure = Failure(wrong if " " not in wrong else UNKNOWN)
    scope = text(said.get("scope"), 512) or asked
    expires = seconds(said.get("expires_in"))
    found = replace(effect, facts=(*effect.facts, *told(credential__scope=scope)))
    return given(found, failure, seconds(said.get("expiresIn")) if expires is None else expires)


def _formed(exchange: Exchange) -> dict[str, str]:
    answer = exchange.response
    if answer is None or not answer.headers.get("content-type").lower().startswith("application/x-www-form"):
        return {}
    return pairs(answer.body.decode("utf-8", "replace"))


EFFECT = OAuth2()
