"""An exchange that is understood and is nothing to tell: a machine that asks about itself, a probe of health, a report of telemetry."""

from dataclasses import dataclass

from hexr_autoinst.dissect.claim import Heard
from hexr_autoinst.model.exchange import Exchange, Frame


@dataclass(slots=True)
class Quiet:
    """The listener to it."""

    kept: tuple[str, ...] = ()
    nested: tuple[str, ...] | None = None

    def begin(self) -> Heard:
        """No call."""
        return ()

    def frame(self, frame: Frame) -> Heard:  # noqa: ARG002 - nothing is told of it
        """No call."""
        return ()

    def close(self, exchange: Exchange) -> Heard:  # noqa: ARG002 - nothing is told of it
        """No call."""
        return ()
