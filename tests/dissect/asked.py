"""Questions about requests that nobody sent."""

import json

from hexr_autoinst.dissect import REST
from hexr_autoinst.dissect.claim import choose, question
from hexr_autoinst.model.exchange import Exchange, Headers, Request

SDK = (("User-Agent", "OpenAI/Python 2"), ("x-stainless-lang", "python"))


def asked(host, path, body, method="POST", headers=SDK, query=""):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = Request(0, method, "https", host, 0, path, query, headers=Headers(headers), body=raw)
    return question(Exchange("i", "har", None, "c", 0, "client", request))


def chosen(about):
    """Who reads it. A call of anybody's API, which is what nobody else claims, is nobody's here."""
    found = choose(about)
    return None if found is REST else found
