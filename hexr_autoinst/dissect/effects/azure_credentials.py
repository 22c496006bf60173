"""Azure's managed identities: the metadata service of a machine, of App Service and Functions, of Arc. Entra's token endpoint is OAuth's.

https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token · …/azure/app-service/overview-managed-identity
"""

import re
from typing import Final

from hexr_autoinst.dissect.claim import Claim, Listener, Reading
from hexr_autoinst.dissect.effects.quiet import Quiet
from hexr_autoinst.dissect.effects.reading import EffectReading, body, given, hashed, named, told
from hexr_autoinst.dissect.effects.said import LINK_LOCAL, host_of, pairs, seconds, until
from hexr_autoinst.dissect.lenient import mapping, parse_cut, text
from hexr_autoinst.dissect.question import Question
from hexr_autoinst.model.exchange import Exchange
from hexr_autoinst.model.operation import Effect

_METADATA: Final = re.compile(
    r"/metadata/(?:identity|instance|attested|scheduledevents|loadbalancer|versions)(?:/.*)?"
)
_TOKEN: Final = re.compile(r"/metadata/identity/oauth2/token|/(?i:msi/token)")
# What each of them demands, so that no page can ask for a token by a link.
_DEMANDS: Final = ("metadata", "x-identity-header")
_KEPT: Final = (
    "/",
    "?resource",
    "?api-version",
    "expires_in",
    "expires_on",
    "resource!",
    "error",
    "metadata:",
)


class AzureCredentials:
    """The dissector."""

    name = "azure_credentials"

    def claim(self, question: Question) -> Claim:
        """Sure by path and the header field that it demands."""
        request = question.exchange.request
        if question.exchange.role == "server":
            return Claim.NO
        if _TOKEN.fullmatch(question.path):
            demanded = any(name in request.headers for name in _DEMANDS)
            return Claim.HOST if demanded or request.host in LINK_LOCAL else Claim.NO
        return Claim.HOST if request.host in LINK_LOCAL and _METADATA.fullmatch(question.path) else Claim.NO

    def open(self, question: Question, *, content: bool) -> Reading | Listener:  # noqa: ARG002 - nothing here is content
        """Begin to read."""
        if not _TOKEN.fullmatch(question.path):
            return Quiet(_KEPT)
        said = pairs(question.exchange.request.query)
        resource = text(said.get("resource"))
        facts = told(
            provider="azure", credential__operation="managed_identity", credential__audience=resource
        )
        identity = text(said.get("client_id")) or text(said.get("object_id")) or text(said.get("msi_res_id"))
        sealed = hashed("credential.subject", identity)
        effect = Effect("credential", "exchange", host_of(resource), facts=facts, sealed=sealed, uses="azure")
        return EffectReading(effect, _answered, _KEPT)


def _answered(effect: Effect, exchange: Exchange) -> Effect | None:
    """Arc refuses first, and names a file that only its own users can read: that is a part of the way, and no answer."""
    if exchange.response is not None and "www-authenticate" in exchange.response.headers:
        return None
    said = mapping(body(exchange))
    expires = seconds(said.get("expires_in"))
    if expires is None:
        expires = until(said.get("expires_on"), exchange.ended)
    answer = exchange.response
    wrong = text(mapping(parse_cut(answer.body)).get("error"), 64) if answer else None
    return given(effect, named(wrong, exchange), expires)


EFFECT = AzureCredentials()
