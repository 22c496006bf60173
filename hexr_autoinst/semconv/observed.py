"""What any span says of how its call was seen, and of the connection below it. Nothing of what was meant."""

from collections.abc import Iterator

from opentelemetry.util.types import AttributeValue

from hexr_autoinst.model.exchange import Exchange
from hexr_autoinst.model.story import Placed
from hexr_autoinst.semconv import names

Pairs = Iterator[tuple[str, AttributeValue | None]]
_PORTS = {"https": 443, "http": 80}


def upstream(exchange: Exchange) -> Pairs:
    """The server that was asked, and how it answered."""
    request = exchange.request
    if request.host:
        yield names.SERVER_ADDRESS, request.host
        yield names.SERVER_PORT, request.port or _PORTS.get(request.scheme)
    yield names.STATUS_CODE, (exchange.response.status or None) if exchange.response else None


def caller(exchange: Exchange) -> Pairs:
    """Who asked, seen from the server: an address of the network, never a pipe's or a socket file's."""
    if exchange.peer and exchange.peer.port:
        yield names.CLIENT_ADDRESS, exchange.peer.host
        yield names.CLIENT_PORT, exchange.peer.port
    yield names.STATUS_CODE, (exchange.response.status or None) if exchange.response else None


def capture(told: Placed) -> Pairs:
    """Which plane saw it, whether it saw all, and of which exchange it is."""
    exchange = told.exchange
    missing = tuple(dict.fromkeys((*exchange.missing, *told.operation.missing)))
    yield names.CAPTURE_SOURCE, exchange.source
    yield names.CAPTURE_SEEN_BY, told.seen_by or (exchange.source,)
    yield names.CAPTURE_COMPLETE, not missing
    yield names.CAPTURE_MISSING, missing
    yield names.EXCHANGE_ID, exchange.entry or exchange.id
