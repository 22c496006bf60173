"""Requests of the world, as the wire room leaves them."""

from hexr_autoinst.dissect.memory import Memory
from hexr_autoinst.dissect.question import Question
from hexr_autoinst.model.exchange import Exchange, Headers, Request

FORM = {"content-type": "application/x-www-form-urlencoded"}


def request(url="https://h.test/", method="GET", headers=None, body=b"", at=1_000):
    """A request to this URL."""
    scheme, _, rest = url.partition("://")
    authority, slash, target = rest.partition("/")
    host, _, port = authority.partition(":")
    path, _, query = (slash + target).partition("?")
    fields = Headers(tuple((headers or {}).items()))
    return Request(
        at,
        method,
        scheme,
        host,
        int(port or 0),
        path or "/",
        query,
        headers=fields,
        body=body,
        size=len(body),
        ended=at,
    )


def asked(url="https://h.test/", method="GET", *, memory=None, role="client", **more):
    """A question about such a request."""
    exchange = Exchange("x", "ebpf", None, "c", 0, role, request(url, method, **more))
    return Question(exchange, None, memory or Memory())


def posted(url, form, **more):
    """A question about a form that is posted."""
    headers = {**FORM, **more.pop("headers", {})}
    return asked(url, "POST", headers=headers, body=form.encode(), **more)
