"""What one call was besides: a moderation is a guard's scan as well, told as a span below it."""

from collections.abc import Iterator
from dataclasses import replace

from hexr_autoinst.correlate.identity import within_id
from hexr_autoinst.model.operation import ModelCall
from hexr_autoinst.model.story import Placed


def within(told: Placed) -> Iterator[Placed]:
    """What is told below this one. It was seen in the same exchange, whose facts are spent already."""
    call = told.operation
    if isinstance(call, ModelCall) and call.scan is not None:
        span = within_id(told.exchange, "scan")
        place = replace(told.place, span_id=span, parent_id=told.place.span_id, links=())
        yield replace(
            told,
            place=place,
            exchange=replace(told.exchange, facts=0),
            operation=call.scan,
            phases=None,
            join="",
        )
