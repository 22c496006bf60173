"""Nouns: facts, exchanges, operations, the story. Frozen values, standard library only, no behavior but look-up."""
