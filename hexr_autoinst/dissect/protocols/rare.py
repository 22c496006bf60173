"""Whether an id is nobody else's: 64 bits of entropy at least, by its form. What both ends of a call see may then join them."""

import re
from typing import Final

_DISTINCT: Final = 8  # a nil UUID and a padded counter have the form and no entropy
# After a prefix that names its kind ("msg-", "session_"): a UUID (RFC 9562), hexadecimal digits, a ULID, a KSUID, a nanoid or base64url.
_RANDOM: Final = re.compile(
    r"(?:[A-Za-z]{1,16}[-_:.]){0,2}?"
    r"(?P<drawn>[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}|(?=[0-9]*[a-f])[0-9a-f]{20,128}|(?=[0-9]*[A-F])[0-9A-F]{20,128}"
    r"|[0-7][0-9A-HJKMNP-TV-Z]{25}|(?=[^0-9]*[0-9])(?=[^A-Z]*[A-Z])(?=[^a-z]*[a-z])[A-Za-z0-9_\-]{21,256}={0,2})"
)


def rare(id_: str | None) -> bool:
    """Whether an id of this form was drawn at random from many."""
    found = _RANDOM.fullmatch(id_) if id_ is not None else None
    return found is not None and len(set(found["drawn"])) >= _DISTINCT
