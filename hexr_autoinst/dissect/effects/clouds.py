"""Which service of a cloud, or of whom else, a request goes to: by what it is signed for, by the host, by the registrable domain.

A service is `<cloud>_<name>`: of Amazon the name that signatures are made for, of Google the API's, of Azure the one below; anybody else's is
his domain, as the Public Suffix List divides names (the part that registries keep). A host that is in no list is its own service.
"""

import re
from functools import lru_cache
from ipaddress import ip_address
from typing import Final, NamedTuple

from publicsuffixlist import PublicSuffixList

from hexr_autoinst.dissect.effects.said import scope
from hexr_autoinst.model.exchange import Request


class Service(NamedTuple):
    """`cloud`: whose credentials are shown there, if anybody's that we know."""

    name: str
    region: str | None = None
    cloud: str = ""


# Unsigned calls, or signed in the URL: https://docs.aws.amazon.com/general/latest/gr/rande.html
_AWS: Final = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws", ".on.aws")
_AWS_REGION: Final = re.compile(r"[a-z]{2,4}(?:-[a-z]+)+-\d")
_AWS_OLD: Final = re.compile(r"(s3|sqs)[.\-](" + _AWS_REGION.pattern + ")")  # a region that a dash divides
# Who is asked before there is a credential to sign with.
_UNSIGNED: Final = {
    "AWSCognitoIdentityProviderService": "cognito-idp", "AWSCognitoIdentityService": "cognito-identity",
}  # fmt: skip
_GOOGLE: Final = ".googleapis.com"
_GOOGLE_LOCAL: Final = re.compile(
    r"((?:us|europe|asia|australia|southamerica|northamerica|africa|me)(?:-[a-z]+\d)?)-([a-z][a-z0-9]*)"
)
# APIs that Google still serves from one host: the first part of the path that is none of these is the API's name.
GOOGLE_WWW: Final = frozenset({"www.googleapis.com", "content.googleapis.com"})
_NO_API: Final = re.compile(r"(?:upload|download|batch|resumable|v\d\w*)?")
# https://learn.microsoft.com/azure/security/fundamentals/azure-domains
_AZURE: Final = {
    "blob.core.windows.net": "blob", "queue.core.windows.net": "queue", "table.core.windows.net": "table", "file.core.windows.net": "file",
    "dfs.core.windows.net": "datalake", "vault.azure.net": "keyvault", "managedhsm.azure.net": "keyvault", "documents.azure.com": "cosmosdb",
    "servicebus.windows.net": "servicebus", "eventgrid.azure.net": "eventgrid", "search.windows.net": "search",
    "cognitiveservices.azure.com": "cognitiveservices", "api.cognitive.microsoft.com": "cognitiveservices", "azconfig.io": "appconfiguration",
    "azurecr.io": "containerregistry", "database.windows.net": "sql", "openai.azure.com": "openai", "services.ai.azure.com": "aifoundry",
    "management.azure.com": "management", "graph.microsoft.com": "graph", "dev.azure.com": "devops", "api.loganalytics.io": "monitor",
    "monitor.azure.com": "monitor", "batch.azure.com": "batch", "azuredatabricks.net": "databricks", "kusto.windows.net": "dataexplorer",
    "communication.azure.com": "communication", "webpubsub.azure.com": "webpubsub", "service.signalr.net": "signalr",
}  # fmt: skip
_REMEMBERED: Final = 4096


def service(request: Request) -> Service:
    """Whose request it is."""
    signed = scope(request)
    if signed is not None:
        return Service(f"aws_{signed[0]}", signed[1], "aws")
    if name := _UNSIGNED.get(request.headers.get("x-amz-target").partition(".")[0]):
        return Service(f"aws_{name}", by_host(request.host.lower()).region, "aws")
    host = request.host.lower().rstrip(".")
    if host in GOOGLE_WWW:
        return Service(f"gcp_{_api(request.path)}", None, "gcp")
    return by_host(host)


@lru_cache(maxsize=_REMEMBERED)
def by_host(host: str) -> Service:
    """The service that a host alone tells."""
    for suffix in _AWS:
        if host.endswith(suffix):
            return _amazons(host.removesuffix(suffix).split("."))
    if host.endswith(_GOOGLE):
        return _googles(host.removesuffix(_GOOGLE).split("."))
    labels = host.split(".")
    for start in range(len(labels)):
        if name := _AZURE.get(".".join(labels[start:])):
            return Service(f"azure_{name}", None, "azure")
    return Service(domain(host))


def _amazons(labels: list[str]) -> Service:
    """`bucket.s3.region`, `endpoint.region.es`, `s3.dualstack.region`: a name at the end, a region on either side of it."""
    region = labels.pop() if len(labels) > 1 and _AWS_REGION.fullmatch(labels[-1]) else None
    if labels[-1] == "dualstack" and len(labels) > 1:
        labels.pop()
    name = labels[-1].removesuffix("-fips")
    if found := _AWS_OLD.fullmatch(name):
        name, region = found[1], found[2]
    if region is None and len(labels) > 1 and _AWS_REGION.fullmatch(labels[-2]):
        region = labels[-2]
    return Service(f"aws_{name}", region, "aws")


def _googles(labels: list[str]) -> Service:
    """`bucket.storage`, `region-aiplatform`, `spanner.region.rep`; `mtls` says how, not what."""
    labels = [label for label in labels if label != "mtls"] or labels
    region = None
    if labels[-1] == "rep" and len(labels) > 2:
        region, labels = labels[-2], labels[:-2]
    name = labels[-1]
    if found := _GOOGLE_LOCAL.fullmatch(name):
        region, name = found[1], found[2]
    return Service(f"gcp_{name}", region, "gcp")


def domain(host: str) -> str:
    """The registrable domain; of an address, of a name without a dot, or of one that is private the whole of it."""
    try:
        return str(ip_address(host))
    except ValueError:
        found = _suffixes().privatesuffix(host)
        return found or host


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    """Read once, from the package, when the first such host is met."""
    return PublicSuffixList(accept_unknown=False, only_icann=True)


def _api(path: str) -> str:
    parts = (part for part in path.split("/")[1:6] if not _NO_API.fullmatch(part))
    found = next(parts, "")
    return found if re.fullmatch(r"[a-z][a-z0-9]{1,40}", found) else "www"
