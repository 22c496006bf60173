"""Google's ways to a credential: the metadata server, IAM Credentials. Its token endpoints are OAuth's.

https://cloud.google.com/compute/docs/metadata/predefined-metadata-keys · https://cloud.google.com/iam/docs/reference/credentials/rest
"""

import re
from dataclasses import replace
from typing import Final

from hexr_autoinst.dissect.claim import Claim, Listener, Reading
from hexr_autoinst.dissect.effects.quiet import Quiet
from hexr_autoinst.dissect.effects.reading import EffectReading, Facts, body, given, named, told
from hexr_autoinst.dissect.effects.said import LINK_LOCAL, host_of, pairs, seconds, until
from hexr_autoinst.dissect.failure import of_exchange
from hexr_autoinst.dissect.lenient import mapping, parse_cut, text, words
from hexr_autoinst.dissect.question import Question
from hexr_autoinst.model.exchange import Exchange
from hexr_autoinst.model.operation import Effect

_METADATA: Final = "/computeMetadata/"
_TOKEN: Final = re.compile(
    r"/computeMetadata/v1(?:beta1)?/instance/service-accounts/([^/]+)/(token|identity)"
)
_HOST: Final = re.compile(r"iamcredentials(?:\.[\w\-]+\.rep)?\.(?:mtls\.)?googleapis\.com")
_MADE: Final = re.compile(
    r"/v1/projects/[^/]+/serviceAccounts/([^/:]+)(?::|%3[Aa])(generateAccessToken|generateIdToken|signJwt)"
)
_KEPT: Final = (
    "/", "?scopes", "?audience", "scope", "audience!", "lifetime", "expireTime", "expires_in", "error.status", "error.code", "metadata-flavor:",
)  # fmt: skip


class GoogleCredentials:
    """The dissector."""

    name = "google_credentials"

    def claim(self, question: Question) -> Claim:
        """Sure by host and path, or by a path that is nobody else's; the metadata server by its path and the field that it demands."""
        request = question.exchange.request
        if question.exchange.role == "server":
            return Claim.NO
        if request.path.startswith(_METADATA):
            there = request.host in LINK_LOCAL or "metadata-flavor" in request.headers
            return Claim.HOST if there else Claim.NO
        made = request.method == "POST" and _MADE.fullmatch(request.path)
        if not made:
            return Claim.NO
        return Claim.HOST if _HOST.fullmatch(request.host.lower()) else Claim.PATH

    def open(self, question: Question, *, content: bool) -> Reading | Listener:  # noqa: ARG002 - nothing here is content
        """Begin to read."""
        request = question.exchange.request
        if (made := _MADE.fullmatch(request.path)) is not None:
            asked = mapping(question.body)
            facts: Facts = {
                "credential__operation": made[2],
                "credential__role": text(made[1]),
                "credential__scope": " ".join(words(asked.get("scope"), 64))[:512] or None,
                "credential__audience": text(asked.get("audience")),
            }
            return _reading(facts)
        found, said = _TOKEN.fullmatch(question.path), pairs(request.query)
        if found is None:
            return Quiet(_KEPT)
        facts = {
            "credential__operation": found[2],
            # `default` names nobody
            "credential__role": None if found[1] == "default" else text(found[1]),
            "credential__scope": text(said.get("scopes"), 512),
            "credential__audience": text(said.get("audience")),
        }
        return _reading(facts)


def _reading(facts: Facts) -> EffectReading:
    effect = Effect("credential", "exchange", facts=told(provider="gcp", **facts), uses="gcp")
    audience = facts.get("credential__audience")
    service = host_of(audience) if isinstance(audience, str) else None
    return EffectReading(replace(effect, service=service), _answered, _KEPT)


def _answered(effect: Effect, exchange: Exchange) -> Effect:
    answer = exchange.response
    said = mapping(body(exchange))
    expires = seconds(said.get("expires_in"))
    if expires is None:
        expires = until(said.get("expireTime"), exchange.ended)
    wrong = of_exchange(exchange, parse_cut(answer.body) if answer else None, content=False)
    return given(effect, named(wrong.type if wrong else None, exchange), expires)


EFFECT = GoogleCredentials()
