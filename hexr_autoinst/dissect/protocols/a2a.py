"""The Agent2Agent protocol: what of the traffic is its own. Versions 0.1 to 1.0, JSON-RPC, HTTP+JSON and gRPC, cards and push notifications."""

from typing import Any, Final

from hexr_autoinst.dissect.claim import Claim, Heard, Listener
from hexr_autoinst.dissect.lenient import clean, mapping, parse_cut
from hexr_autoinst.dissect.protocols import a2a_cards, a2a_grpc, a2a_json, a2a_places, a2a_rest
from hexr_autoinst.dissect.protocols.a2a_reading import Asked, Call
from hexr_autoinst.dissect.protocols.a2a_seen import Seen
from hexr_autoinst.dissect.protocols.a2a_words import GRPC_METHODS, GRPC_PATH, METHODS, PUSH, SENDS
from hexr_autoinst.dissect.protocols.jsonrpc import is_batch, messages
from hexr_autoinst.dissect.protocols.whose import by_header, by_message, remember, whose
from hexr_autoinst.dissect.question import Question
from hexr_autoinst.model.exchange import Exchange, Frame

_HOOKS: Final = "a2a.hooks"
_TOKEN: Final = "x-a2a-notification-token"  # noqa: S105 - the field's name; its value has been taken out
_OK: Final = 200


class Card:
    """A card that is fetched: plain HTTP, and no call. What it says is remembered."""

    def __init__(self, question: Question) -> None:
        """`question`: the GET."""
        self._question = question

    nested = None
    kept = a2a_places.CARD

    def begin(self) -> Heard:
        """Nothing."""
        return ()

    def frame(self, frame: Frame) -> Heard:  # noqa: ARG002 - a card is no stream
        """Nothing."""
        return ()

    def close(self, exchange: Exchange) -> Heard:
        """The card is there, if it is."""
        answer = exchange.response
        if answer is not None and answer.status == _OK:
            a2a_cards.remember(self._question.memory, exchange.request, parse_cut(answer.body))
        return ()


class A2a:
    """A2A's dissector."""

    name = "a2a"

    def claim(self, question: Question) -> Claim:
        """Sure by a path, a header field or a method of its own; a path that others have too waits for its answer."""
        request = question.exchange.request
        if request.method == "POST" and GRPC_PATH.fullmatch(request.path):
            return Claim.HOST
        if request.method == "GET" and a2a_cards.CARD_PATH.fullmatch(request.path):
            return Claim.HOST
        route = a2a_rest.route(request)
        if route is not None:
            claim = self._routed(question, route)
            if claim is not Claim.NO:
                return claim
        if whose(question) == "a2a":
            return Claim.HOST if self._told(question) else Claim.NO
        return Claim.PATH if self._pushed(question) else Claim.NO

    def open(self, question: Question, *, content: bool) -> Listener:
        """Begin to read."""
        request, seen = question.exchange.request, Seen()
        if found := GRPC_PATH.fullmatch(request.path):
            operation = GRPC_METHODS.get(found["name"], "")
            sent = a2a_grpc.unframed(request.body)
            for raw in sent:
                a2a_grpc.asked(operation, found["package"], raw, seen)
            asked = Asked(operation, "grpc", found["name"], package=found["package"])
            return Call(question, asked, seen, content, heard=bool(sent))
        if request.method == "GET" and a2a_cards.CARD_PATH.fullmatch(request.path):
            return Card(question)
        route = a2a_rest.route(request)
        claim = self._routed(question, route) if route is not None else Claim.NO
        if route is not None and claim is not Claim.NO:
            a2a_rest.asked(request, route, question.body, seen)
            sure = claim is Claim.HOST
            return self._opened(
                question,
                Asked(route.operation, "http+json", base=route.base, sure=sure),
                seen,
                content=content,
            )
        if whose(question) == "a2a":
            return self._rpc(question, seen, content=content)
        a2a_json.said(question.body, request.ended or request.at, seen)
        seen.final = True
        return Call(question, Asked(PUSH, "http+json"), seen, content)

    def _opened(self, question: Question, asked: Asked, seen: Seen, *, content: bool) -> Call:
        if seen.hook and asked.sure:
            question.memory.book(_HOOKS).put(seen.hook.partition("://")[2], True)
        return Call(question, asked, seen, content)

    def _rpc(self, question: Question, seen: Seen, *, content: bool) -> Call:
        """A JSON-RPC call. A batch has no operation, and neither has what cannot be read."""
        request, found = question.exchange.request, list(messages(question.body))
        base = request.path
        if is_batch(question.body) or not found:
            return Call(question, Asked("", "jsonrpc", base=base), seen, content)
        message = found[0]
        a2a_json.asked(message.params, seen)
        said = message.method or ""
        operation = METHODS.get(said, "")
        if operation:
            remember(question.memory, request, "a2a")
        id_ = None if message.id is None else clean(str(message.id), 256)
        return self._opened(
            question, Asked(operation, "jsonrpc", said, base, request_id=id_), seen, content=content
        )

    def _routed(self, question: Question, route: a2a_rest.Route) -> Claim:
        """How sure a path of the HTTP+JSON binding is."""
        request, body = question.exchange.request, question.body
        if any(True for _ in messages(body)):
            return Claim.NO  # JSON-RPC that is posted to a path which only looks like one
        card = a2a_cards.lookup(question.memory, request)
        listed = card is not None and (card.binding or "").upper() == "HTTP+JSON"
        if by_header(request) == "a2a" or listed:  # whatever the body is
            return Claim.HOST
        if route.operation in SENDS and not a2a_rest.sends(body):
            return Claim.NO
        if route.sure:
            return Claim.HOST
        return Claim.SHAPE if question.owner is None else Claim.NO

    def _told(self, question: Question) -> bool:
        """Whether a JSON-RPC body may be told: an operation of ours, or an error of what shows itself to be A2A."""
        if not is_batch(question.body) and any(by_message(m) == "a2a" for m in messages(question.body)):
            return True
        request = question.exchange.request
        return by_header(request) == "a2a" or a2a_cards.served_at(question.memory, request)

    def _pushed(self, question: Question) -> bool:
        """Whether a push notification is posted: by its token, to an address that was asked for, or by its shape."""
        request = question.exchange.request
        if request.method != "POST" or not _is_object(question.body):
            return False
        if a2a_json.is_notification(question.body):
            return True
        port = f":{request.port}" if request.port else ""
        asked_for = question.memory.book(_HOOKS).get(f"{request.host}{port}{request.path}") is not None
        return (asked_for or _TOKEN in request.headers) and a2a_json.event(question.body)[0] is not None


def _is_object(body: Any) -> bool:
    return bool(mapping(body))


PROTOCOL = A2a()
