"""Header fields of HTTP/1 from their lines (RFC 9112 section 5): split, and without secrets.

A connection says the same lines with each message: what a line says, and that it holds no secret, is found out once.
"""

from typing import Final

from hexr_autoinst.model.exchange import Headers
from hexr_autoinst.wire import redact

Field = tuple[str, str]

# A line, and what it says: the field's name in lower case, and the field; None where it is no field. A line that held a
# secret is never in here.
_KNOWN: Final[dict[bytes, tuple[str, Field] | None]] = {}
_REMEMBERED: Final = 4096
_LONGEST: Final = 512
_UNKNOWN: Final = ("", ("", ""))


def read(lines: bytes) -> Headers:
    """The fields of these lines without secrets, in wire order; a line that is no field is passed over."""
    if b"\n " in lines or b"\n\t" in lines:  # a line goes on in the next
        return Headers(redact.fields(split(lines)))
    get = _KNOWN.get
    parts = lines.split(b"\n")
    found = [get(line, _UNKNOWN) for line in parts]
    if _UNKNOWN in found:
        found = _learnt(parts, found)
    said = [one for one in found if one is not None]
    return Headers.indexed(
        tuple([field for _, field in said]), {low: field[1] for low, field in reversed(said)}
    )


def split(lines: bytes) -> tuple[Field, ...]:
    """Header fields as they are said, in wire order."""
    text = lines.decode("utf-8", "replace")
    found: list[Field] = []
    for line in text.split("\n"):
        if line[:1] in (" ", "\t") and found:  # obs-fold, RFC 9112 §5.2: one space stands for it
            name, value = found[-1]
            found[-1] = (name, f"{value} {line.strip()}".strip())
        elif (field := _field(line)) is not None:
            found.append(field)
    return tuple(found)


def _field(line: str) -> Field | None:
    name, colon, value = line.partition(":")
    return (name, value.strip()) if colon and (name := name.strip()) else None


def _learnt(lines: list[bytes], found: list[tuple[str, Field] | None]) -> list[tuple[str, Field] | None]:
    """All of them, those that were not known read and remembered: one look for secrets at all of these."""
    new = [n for n, one in enumerate(found) if one is _UNKNOWN]
    said = {n: field for n in new if (field := _field(lines[n].decode("utf-8", "replace"))) is not None}
    clean = dict(zip(said, redact.fields(tuple(said.values())), strict=True))
    for n in new:
        one = (clean[n][0].lower(), clean[n]) if n in clean else None
        found[n] = one
        if one is None or one[1] == said[n]:
            _remember(lines[n], one)
    return found


def _remember(line: bytes, one: tuple[str, Field] | None) -> None:
    if len(line) <= _LONGEST:
        if len(_KNOWN) >= _REMEMBERED:
            _KNOWN.clear()
        _KNOWN[line] = one
