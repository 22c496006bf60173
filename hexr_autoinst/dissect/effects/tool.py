"""A call of a cloud's or of anybody's API over HTTP: whatever nobody else claims, with its service, and an error by its status.

Never a body: what was asked for is the agent's own. Telemetry that a program reports of itself is no tool, nor is a word to this daemon.
"""

import re
from dataclasses import replace
from typing import Final

from hexr_autoinst.dissect.claim import Claim, Listener, Reading
from hexr_autoinst.dissect.effects.clouds import GOOGLE_WWW, service
from hexr_autoinst.dissect.effects.opening import Opening, lasts
from hexr_autoinst.dissect.effects.quiet import Quiet
from hexr_autoinst.dissect.effects.reading import EffectReading, by_status, told
from hexr_autoinst.dissect.effects.said import form, pairs
from hexr_autoinst.dissect.lenient import clean, text
from hexr_autoinst.dissect.protocols.a2a_grpc import failed
from hexr_autoinst.dissect.question import Question
from hexr_autoinst.model.exchange import Exchange, Request
from hexr_autoinst.model.operation import Effect

_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_GRPC: Final = "application/grpc"
_PROCEDURE: Final = re.compile(r"/[\w.]+/(\w{1,128})")
_ACTION: Final = re.compile(r"[A-Za-z]\w{1,127}")
# OTLP over HTTP and gRPC: https://opentelemetry.io/docs/specs/otlp/
_TELEMETRY: Final = re.compile(
    r".*/v1/(?:traces|metrics|logs)|/opentelemetry\.proto\.collector\.\w+\.v1\.\w+/Export"
)
# Whom `env` and `run` ask for: see `cli.env`.
_OURSELVES: Final = "hexr-autoinst"
_REPORTED: Final = ("application/x-protobuf", "application/json", _GRPC)
# Of Amazon's calls the operation and what they are signed for; the path only where it is a procedure's name, or an API's.
_AMAZONS: Final = ("?Action", "Action", "authorization:", "x-amz-target:")
_PATH: Final = ("/",)
_AGENT: Final = 256


class Tool:
    """The dissector."""

    name = "tool"

    def claim(self, question: Question) -> Claim:
        """Whatever is left."""
        exchange = question.exchange
        mine = exchange.request.method in _METHODS and bool(exchange.request.host)
        return Claim.REST if mine and exchange.role != "server" else Claim.NO

    def open(self, question: Question, *, content: bool) -> Reading | Listener:  # noqa: ARG002 - nothing here is content
        """Begin to read."""
        request = question.exchange.request
        if _reports(request) or request.host == _OURSELVES:
            return Quiet()
        found = service(request)
        action = _action(request) if found.cloud == "aws" or _is_grpc(request) else None
        facts = told(region=found.region, action=action, http__method=request.method)
        hint = clean(request.headers.get("user-agent"), _AGENT)
        uses = found.cloud if "authorization" in request.headers else ""
        effect = Effect("tool", "invoke", found.name, facts=facts, uses=uses, client_hint=hint)
        kept = _kept(request, found.cloud)
        if lasts(request):
            return Opening(question.exchange, effect, _answered, kept)
        return EffectReading(effect, _answered, kept)


def _kept(request: Request, cloud: str) -> tuple[str, ...]:
    kept = _AMAZONS if cloud == "aws" else ()
    return (*kept, *_PATH) if _is_grpc(request) or request.host.lower() in GOOGLE_WWW else kept


def _reports(request: Request) -> bool:
    kind = request.headers.get("content-type").lower()
    return (
        request.method == "POST"
        and kind.startswith(_REPORTED)
        and _TELEMETRY.fullmatch(request.path) is not None
    )


def _is_grpc(request: Request) -> bool:
    return request.headers.get("content-type").startswith(_GRPC)


def _action(request: Request) -> str | None:
    """The operation, where the wire names it: AWS in a header field or a parameter, gRPC in the path."""
    if _is_grpc(request):
        found = _PROCEDURE.fullmatch(request.path)
        return found[1] if found else None
    target = request.headers.get("x-amz-target").rpartition(".")[2]
    said = target or form(request).get("Action") or pairs(request.query).get("Action") or ""
    return text(said, 128) if _ACTION.fullmatch(said) else None


def _answered(effect: Effect, exchange: Exchange) -> Effect:
    failure = failed(exchange, content=False)[0] if _is_grpc(exchange.request) else None
    return replace(effect, failure=failure or by_status(exchange))


EFFECT = Tool()
