"""Message heads as the exchange keeps them: split, defaulted and redacted."""

from hexr_autoinst.model.exchange import Headers, Request, Response
from hexr_autoinst.model.facts import Head
from hexr_autoinst.wire import redact
from hexr_autoinst.wire.framing.head import Start

_VERSIONS = {
    "HTTP/2.0": "HTTP/2",
    "HTTP/3.0": "HTTP/3",
}  # as planes that parse may spell them (RFC 9113 has no minor version)


def request_of_start(start: Start, scheme: str) -> Request:
    """From the first line and fields of an HTTP/1 request; an absolute target wins over Host (RFC 9112 section 3.2.2)."""
    target, authority = start.target, ""
    if "://" in target[:16]:
        scheme, _, rest = target.partition("://")
        authority, slash, path = rest.partition("/")
        target = f"{slash}{path}" or "/"
    elif start.method == "CONNECT":
        authority, target = target, ""
    authority = authority or start.headers.get("host")
    return _request(start, scheme, authority, target, start.headers)


def request_of_head(head: Head) -> Request:
    """From a plane that parses."""
    return _request(head, head.scheme, head.authority, head.target, clean(head.headers))


def _request(head: Start | Head, scheme: str, authority: str, target: str, headers: Headers) -> Request:
    host, port = split_authority(authority)
    path, _, query = target.partition("#")[0].partition("?")
    return Request(
        at=head.at,
        method=head.method[:32],
        scheme=scheme.lower()[:16],
        host=host,
        port=port,
        path=redact.plain(path),
        query=redact.query(query),
        version=_VERSIONS.get(head.version, head.version),
        headers=headers,
    )


def response_of_start(start: Start) -> Response:
    """From the first line and fields of an HTTP/1 response."""
    return Response(start.at, start.status, start.version, start.headers)


def response_of_head(head: Head) -> Response:
    """From a plane that parses."""
    return Response(head.at, head.status, _VERSIONS.get(head.version, head.version), clean(head.headers))


def clean(fields: tuple[tuple[str, str], ...]) -> Headers:
    """Header fields without secrets."""
    return Headers(redact.fields(fields))


def split_authority(authority: str) -> tuple[str, int]:
    """Host and port (0: not said) of `user@host:port`, `[v6]:port`; user information is a credential."""
    authority = authority.rpartition("@")[2].strip()
    if authority.startswith("[") and not authority.startswith(redact.MARK):
        host, _, rest = authority[1:].partition("]")
        port = rest.removeprefix(":")
    else:
        host, _, port = authority.partition(":")
    return redact.plain(host), int(port) if port.isdecimal() and len(port) < 6 else 0
