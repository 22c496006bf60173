"""Protocols between agents and their tools: a module that has a `PROTOCOL` is a dissector, found by being there."""
