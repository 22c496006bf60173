"""Dialects: request and answer shapes that more than one vendor speaks. No host is known here."""
