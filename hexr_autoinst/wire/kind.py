"""What a content type says of a body. A connection has few of them: each is read once."""

from functools import lru_cache
from typing import Final, NamedTuple

from hexr_autoinst.wire.framing import grpc
from hexr_autoinst.wire.multipart import boundary

_FORM: Final = "application/x-www-form-urlencoded"
_LONGEST: Final = 256  # characters of a type that is remembered


class Kind(NamedTuple):
    """`media`: the type alone, in lower case. `boundary`: of a multipart body, else empty. `form`: a form in a query's words."""

    media: str
    boundary: bytes
    form: bool
    grpc: bool


def kind(content_type: str) -> Kind:
    """What this type says; "" says nothing."""
    return _known(content_type) if len(content_type) <= _LONGEST else _read(content_type)


def _read(content_type: str) -> Kind:
    lowered = content_type.lower()
    media = lowered.partition(";")[0].strip()
    return Kind(media, boundary(content_type), lowered.startswith(_FORM), lowered.startswith(grpc.MEDIA))


_known = lru_cache(maxsize=1024)(_read)
