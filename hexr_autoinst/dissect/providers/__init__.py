"""Providers: one vendor a file, with that vendor's hosts and paths. A shape that several speak is a dialect."""
