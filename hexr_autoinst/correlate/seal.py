"""What may be told only as a keyed hash: the subject of a credential, the key of a cache. Equal texts of one installation are told alike.

The key is the installation's, so that nobody can find a text again by trying many.
"""

from dataclasses import replace
from typing import Final

from hexr_autoinst.correlate.identity import keyed
from hexr_autoinst.model.operation import Effect, Operation

_MOST: Final = 64  # texts of one fact


def sealed(operation: Operation, key: bytes) -> Operation:
    """The operation as it may be told."""
    if not isinstance(operation, Effect) or not operation.sealed:
        return operation
    found = tuple((name, _seal(name, said, key)) for name, said in operation.sealed)
    return replace(operation, facts=(*operation.facts, *found), sealed=())


def _seal(name: str, said: str | tuple[str, ...], key: bytes) -> str | tuple[str, ...]:
    if isinstance(said, str):
        return keyed(key, name, said)
    return tuple(keyed(key, name, one) for one in said[:_MOST])
