"""A call that may last as long as its process: a WebSocket, a stream of events or of gRPC. It is told once it is answered, for no turn can wait for its end."""

from collections.abc import Callable
from dataclasses import replace

from hexr_autoinst.dissect.claim import Begun, Done, Heard
from hexr_autoinst.model.exchange import Exchange, Frame, Request, Response
from hexr_autoinst.model.operation import Effect

Completes = Callable[[Effect, Exchange], Effect]


class Opening:
    """The listener to it: one call, over with the first that is said in answer, or without one at the exchange's end."""

    nested: tuple[str, ...] | None = None

    def __init__(
        self, exchange: Exchange, effect: Effect, completes: Completes, kept: tuple[str, ...]
    ) -> None:
        """`completes`: how the end of an exchange without any answer completes the effect."""
        self.kept = kept
        self._exchange = replace(exchange, facts=0)
        self._effect = effect
        self._completes = completes
        self._over = False

    def begin(self) -> Heard:
        """The call."""
        return (Begun(self._exchange, self._effect),)

    def frame(self, frame: Frame) -> Heard:
        """Over it is when the other side has spoken; of a WebSocket either: nobody speaks before it is open."""
        if self._over or (frame.side == "request" and frame.kind != "ws"):
            return ()
        self._over = True
        answer = Response(frame.at, 0, "", ended=frame.at)
        return (Done(replace(self._exchange, response=answer), self._effect),)

    def close(self, exchange: Exchange) -> Heard:
        """Nobody has said anything: a refusal, mostly."""
        return (
            () if self._over else (Done(replace(exchange, facts=0), self._completes(self._effect, exchange)),)
        )


def lasts(request: Request) -> bool:
    """Whether a request asks for what has no end of its own."""
    headers = request.headers
    kind = headers.get("content-type").lower()
    return (
        "websocket" in headers.get("upgrade").lower()
        or headers.get("accept").lower().endswith("/event-stream")
        or kind.startswith("application/grpc")
    )
