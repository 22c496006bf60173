"""How the services of the world say things: forms, queries, scopes of signatures, points in time. Each reader answers a plain value or nothing."""

import re
from calendar import timegm
from typing import Any, Final
from urllib.parse import unquote, unquote_plus

from hexr_autoinst.dissect.lenient import clean, integer, text
from hexr_autoinst.dissect.question import Question
from hexr_autoinst.model.exchange import Request

_MOST: Final = 256  # fields of a form
_LONGEST: Final = 4096
_NANO: Final = 1_000_000_000
_FORM: Final = "application/x-www-form-urlencoded"
# RFC 3339, as far as clouds write it; and seconds since the epoch, in text.
_MOMENT: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.\d{1,9})?(?:[Zz]|\+00:00)")
_SCOPE: Final = re.compile(
    r"AWS4-[A-Z0-9\-]+ Credential=[^/,\s]*/\d{8}/(?:([\w\-]+)/)?([\w\-]+)/aws4_request"
)
# Amazon Bedrock AgentCore, also by an endpoint in one's own network.
AGENTCORE: Final = re.compile(
    r"(?:[a-z0-9-]+\.)*bedrock-agentcore(?:-fips)?\.[a-z0-9-]+\.(?:vpce\.)?(?:amazonaws\.com(?:\.cn)?|api\.aws)"
)
# Where machines of a cloud ask about themselves: link-local, of IMDS and of ECS and EKS (RFC 3927, RFC 4193).
LINK_LOCAL: Final = frozenset(
    {"169.254.169.254", "169.254.170.2", "169.254.170.23", "fd00:ec2::254", "fd00:ec2::23", "metadata.google.internal"}
)  # fmt: skip


def pairs(said: str) -> dict[str, str]:
    """The fields of a query or of a form, the first of a name."""
    found: dict[str, str] = {}
    for pair in said.split("&", _MOST)[:_MOST]:
        name, _, value = pair.partition("=")
        if name:
            found.setdefault(clean(unquote_plus(name), 128), clean(unquote_plus(value[:_LONGEST]), _LONGEST))
    return found


def form(request: Request) -> dict[str, str]:
    """The fields of a form that is posted; nothing where it is none."""
    if not request.headers.get("content-type").lower().startswith(_FORM):
        return {}
    return pairs(request.body.decode("utf-8", "replace"))


def fields(question: Question) -> dict[str, str]:
    """The short texts of what is posted, as a form or as an object of JSON."""
    found = form(question.exchange.request)
    if found or not isinstance(question.body, dict):
        return found
    items = list(question.body.items())[:_MOST]
    return {name: clean(value, _LONGEST) for name, value in items if isinstance(value, str)}


def scope(request: Request) -> tuple[str, str | None] | None:
    """The service and the region that a request is signed for (SigV4; SigV4A names a set of regions elsewhere)."""
    found = _SCOPE.match(request.headers.get("authorization"))
    return (found[2], found[1]) if found else None


def seconds(said: Any) -> int | None:
    """A length of time, as a number or in text: Azure writes `expires_in` as a text."""
    if isinstance(said, str) and said.isascii() and said.isdecimal() and len(said) < 12:
        return int(said)
    return integer(said)


def until(said: Any, at: int) -> int | None:
    """The seconds from `at` (ns, epoch) to a moment in text, or to one in seconds since the epoch; never less than 0, a part of one is one."""
    moment = _MOMENT.fullmatch(said) if isinstance(said, str) else None
    end = _epoch(moment) if moment is not None else seconds(said)
    return None if end is None else max(0, -((at - end * _NANO) // _NANO))


def _epoch(moment: re.Match[str]) -> int | None:
    try:
        return timegm(tuple(int(n) for n in moment.groups()))
    except ValueError:  # there is no thirteenth month
        return None


def host_of(said: str | None) -> str | None:
    """The host that an audience or a resource names; None where it names none."""
    _, there, rest = (said or "").partition("://")
    return text(rest.partition("/")[0].partition(":")[0].lower()) if there else None


def segments(path: str) -> list[str]:
    """The parts of a path, escapes undone."""
    return [clean(unquote(part), 256) for part in path.strip("/").split("/")[:64]]
