"""One A2A call being read, whatever its binding: JSON-RPC, HTTP+JSON or gRPC, answered at once or as a stream."""

from dataclasses import dataclass, field, replace
from typing import Any, Final

from hexr_autoinst.dissect.answer import CONTENT
from hexr_autoinst.dissect.claim import Begun, Done, Heard
from hexr_autoinst.dissect.content import json_text
from hexr_autoinst.dissect.lenient import clean, elements, mapping, objects, parse, parse_cut, text
from hexr_autoinst.dissect.protocols import a2a_cards, a2a_grpc, a2a_json
from hexr_autoinst.dissect.protocols.a2a_places import CALL, of_grpc
from hexr_autoinst.dissect.protocols.a2a_seen import Seen
from hexr_autoinst.dissect.protocols.a2a_words import (
    OPERATIONS,
    PUSH,
    SENDS,
    STREAMS,
    UNKNOWN,
    enumerated,
)
from hexr_autoinst.dissect.protocols.rare import rare
from hexr_autoinst.dissect.question import Question
from hexr_autoinst.model.exchange import UNTERMINATED, Exchange, Frame, Request
from hexr_autoinst.model.operation import AgentCall, Extra, Failure

_ERROR_STATUS: Final = 400
_TRUNCATED: Final = Failure("stream_truncated")
_CUTS: Final = frozenset({UNTERMINATED, "truncated:response", "closed_by_server"})


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request is known to be. `operation`: that of 1.0, "" where nobody has specified it.

    `said`: the method on the wire; `base`: the path that the agent is served under. `sure`: the request alone shows that it is A2A;
    else the answer must.
    """

    operation: str
    binding: str
    said: str = ""
    base: str = ""
    package: str = ""
    request_id: str | None = None
    sure: bool = True


@dataclass(slots=True, eq=False)
class Call:
    """The reading of one call."""

    question: Question
    asked: Asked
    seen: Seen
    content: bool = False
    failure: Failure | None = None
    code: str | None = None
    shown: bool = False  # the answer has the shape of an A2A answer
    answered: bool = False
    framed: bool = False
    heard: bool = False  # gRPC: the request's message
    begun: bool = False
    _result: list[str] = field(default_factory=list)

    nested = None

    @property
    def kept(self) -> tuple[str, ...]:
        """What of it is no content: see `a2a_places`."""
        asked = self.asked
        return of_grpc(asked.operation, asked.package) if asked.binding == "grpc" else CALL

    def begin(self) -> Heard:
        """A call that the request alone shows has begun. Of gRPC its message comes as a frame: then it has."""
        return (
            () if not self.asked.sure or (self.asked.binding == "grpc" and not self.heard) else self._begin()
        )

    def _begin(self) -> Heard:
        self.begun = True
        exchange = replace(self.question.exchange, facts=0)
        return (Begun(exchange, self._call(a2a_cards.lookup(self.question.memory, exchange.request))),)

    def frame(self, frame: Frame) -> Heard:
        """An event of a stream, or a message of a gRPC call in either direction."""
        if frame.kind == "grpc":
            self._message(frame)
            return () if self.begun else self._begin()
        if frame.side == "response":
            self.framed = True
            self._value(parse(frame.data), frame.at, None)
        return ()

    def close(self, exchange: Exchange) -> Heard | None:
        """What the call was."""
        answer = exchange.response
        if self.asked.binding == "grpc":
            self._grpc_end(exchange)
        elif answer is not None and not self.framed:
            otherwise = str(answer.status) if answer.status >= _ERROR_STATUS else None
            self._value(parse_cut(answer.body), answer.ended or answer.at, otherwise)
        if self.failure is None:
            self.failure = self._cut(exchange)
        if not self.asked.sure and not self.shown:
            return None
        if not self.asked.operation and self.failure is None:
            return None  # nobody has specified it, and it has not failed: an extension's
        begun = () if self.begun else self._begin()
        return (*begun, Done(replace(exchange, facts=0), self._told(exchange)))

    def _message(self, frame: Frame) -> None:
        operation = self.asked.operation
        if frame.side == "request":
            a2a_grpc.asked(operation, self.asked.package, frame.raw, self.seen)
            return
        self.framed = self.answered = True
        stream = operation in STREAMS
        if operation in SENDS or stream or operation in ("GetTask", "CancelTask"):
            said = a2a_grpc.said(operation, frame.raw, frame.at, self.seen)
            self.seen.events += said and stream

    def _grpc_end(self, exchange: Exchange) -> None:
        if not self.framed and exchange.response is not None:
            for raw in a2a_grpc.unframed(exchange.response.body):
                self._message(Frame(exchange.ended, "grpc", "", "", raw=raw))
        self.failure, self.code = a2a_grpc.failed(exchange, content=self.content)

    def _value(self, value: Any, at: int, otherwise: str | None) -> None:
        """An answer or an event: an error, or what it says of the task."""
        if self.asked.operation == PUSH:  # what a receiver answers is its own business
            self.failure, self.answered = Failure(otherwise) if otherwise else None, True
            return
        failure, code = a2a_json.failed(value, otherwise, content=self.content)
        if failure is not None:
            self.failure, self.code = failure, code if self.asked.binding == "jsonrpc" else None
            self.shown = self.shown or a2a_json.reason(mapping(value, "error")) is not None
            return
        whole = mapping(value)
        result = whole["result"] if self.asked.binding == "jsonrpc" and "result" in whole else value
        self.answered = self.answered or result is not None
        self.shown = self.shown or self._shows(result)
        if self.asked.operation == "GetExtendedAgentCard":
            a2a_cards.remember(self.question.memory, self.question.exchange.request, result)
        elif self.asked.operation and "PushNotificationConfig" not in self.asked.operation:
            said = a2a_json.said(result, at, self.seen)
            self.seen.events += said and self.asked.operation in STREAMS
        if self.content and result is not None and sum(map(len, self._result)) < CONTENT:
            self._result.append(json_text(result))

    def _shows(self, result: Any) -> bool:
        if self.asked.operation == "ListTasks":
            return any(a2a_json.is_notification(t) for t in objects(mapping(result).get("tasks"), 8))
        if self.asked.operation == "GetExtendedAgentCard":
            return a2a_cards.is_card(result)
        return a2a_json.is_notification(result)

    def _cut(self, exchange: Exchange) -> Failure | None:
        """No answer, or a stream that broke off. A client that stopped reading has not failed."""
        if "closed_by_client" in exchange.missing:
            return None
        if exchange.response is None:
            return Failure("closed_by_server") if "closed_by_server" in exchange.missing else None
        if self.asked.operation not in STREAMS or self.seen.final:
            return None
        nothing = not self.seen.events and not self.answered
        cut = _CUTS.intersection(exchange.missing) if nothing else {"closed_by_server"} & {*exchange.missing}
        return _TRUNCATED if cut else None

    def _call(self, card: a2a_cards.Card | None) -> AgentCall:
        """What is known of the call so far."""
        asked, seen = self.asked, self.seen
        known = asked.operation if asked.operation in OPERATIONS else None
        return AgentCall(
            "a2a",
            known or asked.said or asked.operation or UNKNOWN,
            OPERATIONS.get(asked.operation) or asked.operation or UNKNOWN,
            target=card.name if card and asked.operation != PUSH else None,
            request_id=asked.request_id,
            conversation=seen.context,
            join=("message", seen.message or "") if known in SENDS and rare(seen.message) else (),
            parent=seen.parent,
        )

    def _told(self, exchange: Exchange) -> AgentCall:
        asked, seen, request = self.asked, self.seen, exchange.request
        card = a2a_cards.lookup(self.question.memory, request)
        streams = asked.operation in STREAMS
        facts = {
            **_facts(seen),
            "a2a.said": asked.said if asked.said not in ("", asked.operation) else None,
            "a2a.binding": asked.binding,
            "a2a.endpoint": self._address(request),
            "a2a.version": _version(request) or (card.protocol if card else None),
            "a2a.extensions": _extensions(request),
            "a2a.events": seen.events if streams and (seen.events or not self.failure) else None,
            "agent.version": card.version if card and asked.operation != PUSH else None,
            "rpc.status": self.code,
        }
        return replace(
            self._call(card),
            failure=self.failure,
            facts=tuple((k, v) for k, v in facts.items() if v not in (None, ())),
            moments=tuple(seen.moments),
            arguments=self._arguments(exchange) if self.content else None,
            result=self._said(),
            client_hint=text(request.headers.get("user-agent")) or "",
            ended=seen.final if streams else self.answered,
        )

    def _said(self) -> str | None:
        """The result, or the events of a stream as an array."""
        if not self._result:
            return None
        return self._result[0] if len(self._result) == 1 else f"[{','.join(self._result)}]"

    def _address(self, request: Request) -> str | None:
        """Where the agent is served: all that is known of it where no card has given it a name."""
        if self.asked.operation == PUSH or not request.host:
            return None
        host = f"[{request.host}]" if ":" in request.host else request.host
        port = f":{request.port}" if request.port else ""
        return clean(f"{host}{port}{self.asked.base.rstrip('/')}", 256)

    def _arguments(self, exchange: Exchange) -> str | None:
        body = self.question.body
        params = mapping(body).get("params") if self.asked.binding == "jsonrpc" else body
        return json_text(params) if params is not None and exchange.request.body else None


def _facts(seen: Seen) -> dict[str, Extra | None]:
    return {
        "a2a.message": seen.message,
        "a2a.task": seen.task,
        "a2a.state": seen.state.lower() if seen.state else None,
        "a2a.state.enum": enumerated(seen.state) if seen.state else None,
        "a2a.references": seen.references,
        "a2a.tenant": seen.tenant,
        "a2a.source": seen.source,
    }


def _version(request: Request) -> str | None:
    said = text(request.headers.get("a2a-version"), 64)
    if said is None and "a2a-version=" in request.query.lower():
        said = next(
            (
                v
                for k, _, v in (p.partition("=") for p in request.query.split("&"))
                if k.lower() == "a2a-version"
            ),
            None,
        )
    return text(said, 64)


def _extensions(request: Request) -> tuple[str, ...]:
    lists = (*request.headers.all("a2a-extensions"), *request.headers.all("x-a2a-extensions"))
    found = (text(e.strip()) for one in lists for e in elements(one.split(","), 32))
    return tuple(dict.fromkeys(e for e in found if e))
