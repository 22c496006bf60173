"""Who did it, and under what: operations become spans of an agent's turn. Pure."""

from hexr_autoinst.correlate.room import Correlate
from hexr_autoinst.correlate.rules import Rules

__all__ = ["Correlate", "Rules"]
