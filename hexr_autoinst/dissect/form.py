"""The short fields of a form (RFC 7578, multipart/form-data): what a client says about the file that it sends along.

Files are skipped, whatever their length. A field that is met twice, or whose name ends in [], is a list.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from hexr_autoinst.dissect.lenient import clean, integer, number

_KIND: Final = "multipart/form-data"
_BOUNDARY: Final = re.compile(r'boundary="?([^";,\s]{1,200})', re.IGNORECASE)
_NAME: Final = re.compile(rb'[;\s]name="?([^";\r\n]{1,128})', re.IGNORECASE)
_FILE: Final = re.compile(rb"[;\s]filename\*?=", re.IGNORECASE)
_DECIMAL: Final = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,15})?", re.ASCII)
_MOST: Final = 256  # fields
_LONGEST: Final = 64 << 10  # bytes of one


def is_form(content_type: str) -> bool:
    """Whether a body of this type is a form."""
    return content_type.lower().lstrip().startswith(_KIND)


def fields(content_type: str, body: bytes) -> dict[str, Any] | None:
    """The fields that are no files, as text; None where the boundary is not said."""
    said = _BOUNDARY.search(content_type)
    if said is None:
        return None
    found: dict[str, Any] = {}
    for part in body.split(b"--" + said[1].encode("latin-1", "replace"))[1:_MOST]:
        head, _, value = part.partition(b"\r\n\r\n")
        name = _NAME.search(head)
        if name is None or _FILE.search(head):
            continue
        text = clean(value[:_LONGEST].decode("utf-8", "replace"), _LONGEST).removesuffix("\r\n")
        _put(found, name[1].decode("utf-8", "replace"), text)
    return found


def count(said: Any) -> int | None:
    """A whole number, that a form says in text."""
    if isinstance(said, str) and said.isascii() and said.isdecimal() and len(said) < 16:
        return int(said)
    return integer(said)


def decimal(said: Any) -> float | None:
    """A number, that a form says in text."""
    if isinstance(said, str) and _DECIMAL.fullmatch(said):
        return number(float(said))
    return number(said)


def body(content_type: str, found: dict[str, Any]) -> bytes:
    """A form of these fields, of which each text can be encoded, for the boundary that the type says."""
    said = _BOUNDARY.search(content_type)
    if said is None:
        return b""
    between = b"--" + said[1].encode("latin-1", "replace")
    parts = [
        b'%s\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
        % (between, name.encode(), one.encode())
        for name, one in _listed(found)
    ]
    return b"".join((*parts, between, b"--\r\n")) if parts else b""


def _listed(found: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in found.items():
        for one in value if isinstance(value, list) else ():
            yield f"{name}[]", str(one)
        if not isinstance(value, list):
            yield name, str(value)


def _put(found: dict[str, Any], name: str, text: str) -> None:
    key = name.removesuffix("[]")
    if key not in found and key == name:
        found[key] = text
        return
    earlier = found.get(key, [])
    found[key] = [*(earlier if isinstance(earlier, list) else [earlier]), text]
