"""hexr-autoinst: observes unmodified AI agents from outside their processes."""

__version__ = "0.1.0"
