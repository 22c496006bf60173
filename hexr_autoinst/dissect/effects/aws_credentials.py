"""Amazon's ways to a credential: STS, the metadata of an instance (IMDS v1 and v2), of a container, Identity Center, Cognito, AgentCore's identities.

Of the metadata only the read that returns keys is an exchange. GetCallerIdentity returns none: it is a call as any other.
https://docs.aws.amazon.com/STS/latest/APIReference/ · https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-security-credentials.html
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from hexr_autoinst.dissect.claim import Claim, Listener, Reading, rest
from hexr_autoinst.dissect.effects.quiet import Quiet
from hexr_autoinst.dissect.effects.reading import (
    EffectReading,
    body,
    by_status,
    given,
    hashed,
    more,
    named,
    told,
)
from hexr_autoinst.dissect.effects.said import AGENTCORE, LINK_LOCAL, form, pairs, scope, seconds, until
from hexr_autoinst.dissect.lenient import mapping, parse_cut, text, words
from hexr_autoinst.dissect.question import Question
from hexr_autoinst.model.exchange import Exchange, Request
from hexr_autoinst.model.operation import Effect, Failure

_STS_HOST: Final = re.compile(
    r"sts(?:-fips)?(?:\.[\w\-]+)?\.(?:amazonaws\.com(?:\.cn)?|api\.aws|api\.amazonwebservices\.com\.cn)"
)
_SCOPES: Final = 64
_VERSION: Final = "2011-06-15"
_TARGET: Final = "AWSSecurityTokenServiceV20110615."
_ACTIONS: Final = frozenset(
    {"AssumeRole", "AssumeRoleWithWebIdentity", "AssumeRoleWithSAML", "AssumeRoot", "GetSessionToken", "GetFederationToken",
     "GetDelegatedAccessToken", "GetScopedCredentials", "GetWebIdentityToken"}
)  # fmt: skip
_IMDS: Final = re.compile(r"/(?:latest|20\d\d-\d\d-\d\d)/(?:api/token|meta-data|dynamic|user-data).*")
_KEYS: Final = re.compile(
    r"/[\w\-]+/meta-data/(?:iam/security-credentials|identity-credentials/ec2/security-credentials)/([^/]+)"
)
# ECS gives a path, EKS Pod Identity has one; what AWS_CONTAINER_CREDENTIALS_FULL_URI names elsewhere shows itself in no request.
_CONTAINER: Final = re.compile(r"/v[1-4]/credentials(?:/[\w\-]+)?")
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_SSO: Final = "/federation/credentials"
_POD: Final = re.compile(r"/clusters/[^/]+/assume-role-for-pod-identity")
_COGNITO: Final = "AWSCognitoIdentityService.GetCredentialsForIdentity"
# AgentCore's identities: what an agent is given for itself, and for the services that it speaks to.
_IDENTITY: Final = re.compile(
    r"/identities/(?P<name>GetWorkloadAccessToken(?:ForJWT|ForUserId)?|oauth2/token|api-key|payment/token)"
)
_IDENTITY_NAMES: Final = {
    "oauth2/token": "GetResourceOauth2Token",
    "api-key": "GetResourceApiKey",
    "payment/token": "GetResourcePaymentToken",
}
_ERROR: Final = re.compile(rb"<Code>([A-Za-z][\w.]{0,63})</Code>")
_EXPIRES: Final = re.compile(rb"<Expiration>([0-9TZtz:.\-]{10,40})</Expiration>")
_KEPT: Final = (
    "/", "?role_name", "?account_id", "?Action", "?RoleArn", "?DurationSeconds", "Action", "RoleArn", "DurationSeconds", "Version",
    "Expiration", "resourceCredentialProviderName", "scopes", "Credentials.Expiration", "roleCredentials.expiration", "<Code>", "<Expiration>", "Code", "RoleArn!", "__type", "authorization:", "x-amz-target:", "x-amzn-errortype:",
)  # fmt: skip


class AwsCredentials:
    """The dissector."""

    name = "aws_credentials"

    def claim(self, question: Question) -> Claim:
        """Sure by host and action; elsewhere by a path that is nobody else's, by STS's own version, or a signature for it."""
        request = question.exchange.request
        if question.exchange.role == "server":
            return Claim.NO
        if _metadata(request):
            return Claim.HOST if request.host in LINK_LOCAL else Claim.PATH
        if _action(request) in _ACTIONS:
            return Claim.HOST if _STS_HOST.fullmatch(request.host.lower()) else Claim.PATH
        return Claim.HOST if _elsewhere(request) else Claim.NO

    def open(self, question: Question, *, content: bool) -> Reading | Listener:  # noqa: ARG002 - nothing here is content
        """Begin to read."""
        request = question.exchange.request
        if _metadata(request):
            keys = _KEYS.fullmatch(question.path)
            if keys is None and not _CONTAINER.fullmatch(question.path):
                return Quiet(_KEPT)
            return _reading("metadata", role=keys[1] if keys else None)
        action = _action(request)
        if action is None and (identity := _identity(request)):
            return _for_resource(identity, mapping(question.body))
        if action is None:
            said = pairs(request.query)
            return _reading(_elsewhere(request) or "", role=text(said.get("role_name")))
        asked_for = _parameters(request)
        effect = _effect(
            action, role=text(asked_for.get("RoleArn")) or text(asked_for.get("TargetPrincipal"))
        )
        asked = seconds(asked_for.get("DurationSeconds"))
        subject = text(asked_for.get("RoleSessionName")) or text(asked_for.get("Name"))
        effect = replace(effect, sealed=hashed("credential.subject", subject))
        return EffectReading(effect, lambda e, ex: _sts(e, ex, asked), _KEPT)


def _effect(operation: str, *, role: str | None) -> Effect:
    facts = told(provider="aws", credential__operation=operation, credential__role=role)
    return Effect("credential", "exchange", facts=facts, uses="aws")


def _reading(operation: str, *, role: str | None) -> EffectReading:
    return EffectReading(_effect(operation, role=role), _keys, _KEPT)


def _for_resource(operation: str, asked: dict[str, Any]) -> EffectReading:
    """A token or key of AgentCore's: the service it is for is the provider that was set up for it."""
    effect = _effect(operation, role=None)
    scopes = " ".join(words(asked.get("scopes"), _SCOPES)) or None
    service = text(asked.get("resourceCredentialProviderName"))
    # None of Amazon's own keys is used.
    effect = replace(more(effect, credential__scope=scopes), service=service, uses="")
    return EffectReading(effect, _keys, _KEPT)


def _identity(request: Request) -> str | None:
    found = _IDENTITY.fullmatch(request.path)
    if found is None or request.method != "POST" or not AGENTCORE.fullmatch(request.host.lower()):
        return None
    return _IDENTITY_NAMES.get(found["name"], found["name"])


def _metadata(request: Request) -> bool:
    """Where AWS_EC2_METADATA_SERVICE_ENDPOINT names another host the path says it; a container's is looked for on this host alone."""
    if request.method not in ("GET", "PUT"):
        return False
    here = request.host in LINK_LOCAL or request.host in _LOOPBACK
    return bool(_IMDS.fullmatch(request.path) or (here and _CONTAINER.fullmatch(request.path.rstrip("/"))))


def _parameters(request: Request) -> Mapping[str, Any]:
    """Those of the query protocol, in the body or in the URL, or of JSON."""
    return form(request) or pairs(request.query) if not _target(request) else mapping(parse_cut(request.body))


def _target(request: Request) -> str | None:
    said = request.headers.get("x-amz-target")
    return said.removeprefix(_TARGET) if said.startswith(_TARGET) else None


def _action(request: Request) -> str | None:
    """The action that STS is asked for; None where it is not STS."""
    if (target := _target(request)) is not None:
        return target
    if request.path.strip("/") or request.method not in ("GET", "POST"):
        return None
    said = form(request) if request.method == "POST" else pairs(request.query)
    signed = scope(request)
    ours = said.get("Version") == _VERSION or (signed is not None and signed[0] == "sts")
    return said.get("Action") if ours or _STS_HOST.fullmatch(request.host.lower()) else None


def _elsewhere(request: Request) -> str | None:
    """What else at Amazon gives keys: the operation's name."""
    host, path = request.host.lower(), request.path.rstrip("/")
    if request.headers.get("x-amz-target") == _COGNITO:
        return "GetCredentialsForIdentity"
    if path == _SSO and (host.startswith("portal.sso.") or "x-amz-sso_bearer_token" in request.headers):
        return "GetRoleCredentials"
    if _POD.fullmatch(path) and request.method == "POST":
        return "AssumeRoleForPodIdentity"
    return _identity(request)


def _sts(effect: Effect, exchange: Exchange, asked: int | None) -> Effect:
    answer = exchange.response
    said = answer.body if answer else b""
    moment = _EXPIRES.search(said)
    result = _result(parse_cut(said))
    end = moment[1].decode() if moment else result.get("Expiration")
    expires = until(end, exchange.ended) if asked is None else asked
    code = _ERROR.search(said)
    failure = _failed(exchange, code[1].decode() if code else None)
    return given(effect, failure, expires)


def _result(value: Any) -> dict[str, Any]:
    """The credentials of an answer in JSON: `AssumeRoleResponse.AssumeRoleResult.Credentials`, or bare."""
    for _ in range(3):
        if "Credentials" in mapping(value):
            return mapping(value, "Credentials")
        inner = [v for v in mapping(value).values() if isinstance(v, dict)]
        value = inner[0] if inner else None
    return {}


def _keys(effect: Effect, exchange: Exchange) -> Effect | None:
    """The answer of a metadata service, or of one that gives an object with the keys in it. Without keys it was somebody's own `/v1/credentials`."""
    value = mapping(body(exchange))
    if value and exchange.request.host in _LOOPBACK and not _has_keys(value):
        return _left(exchange)
    found = (
        mapping(value, "roleCredentials")
        or mapping(value, "credentials")
        or mapping(value, "Credentials")
        or value
    )
    end = found.get("Expiration") or found.get("expiration")
    if isinstance(end, int) and end > 1 << 40:  # milliseconds, of Identity Center
        end //= 1000
    expires = until(end, exchange.ended)
    failure = _failed(exchange, None)
    code = text(value.get("Code"), 64)
    if failure is None and code and code != "Success":
        failure = Failure(code)
    role = text(found.get("RoleArn"))
    known = dict(effect.facts).get("credential.role")
    return given(more(effect, credential__role=None if known else role), failure, expires)


def _has_keys(value: dict[str, Any]) -> bool:
    inner = (v for v in value.values() if isinstance(v, dict))
    return any("accesskeyid" in (name.lower() for name in one) for one in (value, *inner))


def _left(exchange: Exchange) -> Effect | None:
    left = rest(exchange)
    return left if isinstance(left, Effect) else None


def _failed(exchange: Exchange, code: str | None) -> Failure | None:
    answer = exchange.response
    if code is None and answer is not None and by_status(exchange):
        said = mapping(parse_cut(answer.body))
        raw = (
            text(answer.headers.get("x-amzn-errortype"))
            or text(said.get("__type"))
            or text(mapping(said, "Error").get("Code"))
        )
        code = raw.partition(":")[0].rpartition("#")[2][:64] if raw else None
    return named(code, exchange)


EFFECT = AwsCredentials()
