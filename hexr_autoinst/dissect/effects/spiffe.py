"""The SPIFFE Workload API, over gRPC on a socket file: an identity document is a credential, and so is each that replaces it.

Read by the numbers of the fields in the specification's workload.proto; no generated code.
https://github.com/spiffe/spiffe/blob/main/standards/SPIFFE_Workload_API.md
"""

import re
from dataclasses import replace
from typing import Final

from hexr_autoinst.dissect.claim import Begun, Claim, Done, Heard, Listener
from hexr_autoinst.dissect.effects.quiet import Quiet
from hexr_autoinst.dissect.effects.reading import told
from hexr_autoinst.dissect.lenient import clean
from hexr_autoinst.dissect.protocols import protobuf
from hexr_autoinst.dissect.protocols.a2a_grpc import failed, unframed
from hexr_autoinst.dissect.question import Question
from hexr_autoinst.model.exchange import Exchange, Frame, Response
from hexr_autoinst.model.operation import Effect

_PATH: Final = re.compile(r"/SpiffeWorkloadAPI/(\w+)")
_FETCHES: Final = frozenset({"FetchX509SVID", "FetchJWTSVID"})
_SVIDS, _AUDIENCES = 1, 1  # of X509SVIDResponse and JWTSVIDResponse; of JWTSVIDRequest
_ID: Final = 1  # of X509SVID and JWTSVID
_OK: Final = 200


class Fetch:
    """A call that brings identity documents: one, or one after the other as they are renewed."""

    kept: tuple[str, ...] = ("/",)
    nested: tuple[str, ...] | None = None

    def __init__(self, question: Question, method: str) -> None:
        """`method`: of the Workload API."""
        self._exchange = question.exchange
        self._effect = Effect(
            "credential",
            "exchange",
            facts=told(provider="spiffe", credential__operation=method),
            uses="spiffe",
        )
        self._count = 0
        for raw in unframed(question.exchange.request.body):
            self._asked(raw)

    def begin(self) -> Heard:
        """The first is asked for."""
        return (Begun(self._part(), self._effect),)

    def frame(self, frame: Frame) -> Heard:
        """A message: what is asked, or a document."""
        if frame.kind != "grpc":
            return ()
        if frame.side == "request":
            self._asked(frame.raw)
            return ()
        effect = replace(self._effect, facts=(*self._effect.facts, *told(spiffe__id=_id(frame.raw))))
        done = Done(self._part(frame.at), effect)
        self._count += 1
        return (done,)

    def close(self, exchange: Exchange) -> Heard:
        """The call is over: without a document it has failed; one that was only waiting for the next has not."""
        if self._count:
            return ()
        self._exchange = exchange
        failure, _ = failed(exchange, content=False)
        return (Done(exchange, replace(self._effect, failure=failure, uses="")),)

    def _asked(self, raw: bytes) -> None:
        audiences = [clean(a.decode("utf-8", "replace"), 256) for a in protobuf.messages(raw, _AUDIENCES)]
        if audiences:
            facts = told(credential__audience=" ".join(audiences)[:512])
            self._effect = replace(self._effect, facts=(*self._effect.facts, *facts))

    def _part(self, at: int = 0) -> Exchange:
        """The exchange as this document's: the later ones have come unasked, and take no time."""
        request = self._exchange.request
        if self._count:
            request = replace(request, at=at, ended=at)
        answer = Response(at, _OK, ended=at) if at else None
        return replace(
            self._exchange,
            request=request,
            response=answer,
            facts=0,
            part=str(self._count) if self._count else "",
        )


class Spiffe:
    """The dissector."""

    name = "spiffe"

    def claim(self, question: Question) -> Claim:
        """Sure by the service's name."""
        exchange = question.exchange
        mine = exchange.request.method == "POST" and _PATH.fullmatch(exchange.request.path)
        return Claim.HOST if mine and exchange.role != "server" else Claim.NO

    def open(self, question: Question, *, content: bool) -> Listener:  # noqa: ARG002 - nothing here is content
        """Begin to listen; trust bundles and checks are no credentials."""
        found = _PATH.fullmatch(question.exchange.request.path)
        method = found[1] if found else ""
        return Fetch(question, method) if method in _FETCHES else Quiet(("/",))


def _id(raw: bytes) -> str | None:
    """The first document is the default one (section 5.2.1)."""
    first = next(iter(protobuf.messages(raw, _SVIDS)), b"")
    found = protobuf.string(first, _ID)
    return found if found and found.startswith("spiffe://") else None


EFFECT = Spiffe()
