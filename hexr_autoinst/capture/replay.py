"""A file as facts: a HAR 1.2, or a recording; either may be gzipped, and what it is its bytes say, not its name.

Facts come in order of time and end with Tick(END_OF_TIME). A file that is neither is an InputError
that says where. What cannot be told (a `STREAM` without its bytes, a `data:` URL) is counted.
"""

import gzip
import heapq
import json
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from io import TextIOWrapper
from itertools import pairwise
from pathlib import Path
from typing import IO, Any, Final, cast

from hexr_autoinst.capture.entries import entries
from hexr_autoinst.capture.har import Entry, facts, readable
from hexr_autoinst.capture.har_stream import is_stream, stream_facts
from hexr_autoinst.capture.stream import MAX_HEADER, Reader
from hexr_autoinst.config import Session
from hexr_autoinst.errors import InputError, WireError
from hexr_autoinst.model.facts import END_OF_TIME, Fact, Lost, Tick

_GZIP: Final = b"\x1f\x8b"
_PIECE: Final = 1 << 18


def read(path: Path, skipped: Counter[str] | None = None) -> Iterator[Fact]:
    """The facts of a file. `skipped` counts, by reason, the entries that are no exchange."""
    with _errors(path):
        recorded = _header(path) is not None
        last = 0
        for fact in (
            _recorded(path) if recorded else _exchanges(path, Counter() if skipped is None else skipped)
        ):
            last = max(last, fact.at)
            yield fact
        yield Tick(END_OF_TIME)


def session(path: Path) -> Session:
    """What was fixed when the file was made. A HAR says nothing of it: its salts are constants, so that ids repeat."""
    with _errors(path):
        said = _header(path)
    if said is None:
        return Session(0, _constant("salt"), _constant("key"), "")
    offset = said.get("clock_offset")
    return Session(
        offset if isinstance(offset, int) else 0,
        _hex(said.get("salt")) or _constant("salt"),
        _hex(said.get("key")) or _constant("key"),
        str(said.get("host", "")),
    )


def _constant(what: str) -> str:
    return blake2b(what.encode(), digest_size=16, person=b"hexr-har").hexdigest()


def _hex(said: Any) -> str:
    try:
        return bytes.fromhex(said).hex()
    except (TypeError, ValueError):
        return ""


@contextmanager
def _errors(path: Path) -> Iterator[None]:
    """Whatever is wrong with a file is one kind of error, which names it."""
    try:
        yield
    except InputError:
        raise
    except OSError as error:
        raise InputError(path=path, detail=error.strerror or str(error)) from None
    except UnicodeDecodeError as error:
        raise InputError(path=path, detail=f"not UTF-8 ({error.reason})") from None
    except (EOFError, zlib.error, WireError, ValueError) as error:
        raise InputError(path=path, detail=str(error)) from None


def _opened(path: Path) -> IO[bytes]:
    with path.open("rb") as file:
        zipped = file.read(2) == _GZIP
    return cast("IO[bytes]", gzip.open(path, "rb")) if zipped else path.open("rb")


def _header(path: Path) -> dict[str, Any] | None:
    """The header line of a recording; None if the file does not begin with one."""
    with _opened(path) as file:
        line = file.readline(MAX_HEADER)
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) and "role" in said else None


def _recorded(path: Path) -> Iterator[Fact]:
    reader, last = Reader(), 0
    with _opened(path) as file:
        while piece := file.read(_PIECE):
            for fact in reader.feed(piece):
                last = fact.at
                yield fact
    if reader.pending:  # the recorder was killed while it wrote
        yield Lost(last, "har", "recording_end", 1)


def _exchanges(path: Path, skipped: Counter[str]) -> Iterator[Fact]:
    """Of every entry in turn; a fact waits until no later entry can have an earlier one."""
    waiting: list[tuple[int, int, int, Fact]] = []
    ordinals: Counter[str] = Counter()
    for order, entry in enumerate(_in_order(path, skipped)):
        while waiting and waiting[0][0] <= entry.began:
            yield heapq.heappop(waiting)[-1]
        try:
            raw = is_stream(entry)
            said = list(stream_facts(entry) if raw else facts(entry, ordinals[entry.conn]))
        except ValueError as error:
            raise _wrong(entry.number, error) from None
        ordinals[entry.conn] += 1
        for number, fact in enumerate(said):
            heapq.heappush(waiting, (fact.at, order, number, fact))
    while waiting:
        yield heapq.heappop(waiting)[-1]


def _in_order(path: Path, skipped: Counter[str]) -> Iterator[Entry]:
    """Entries by the time they began: streamed where the file has them so (most do), else sorted in memory."""
    began = [e.began for e in _checked(path, Counter())]
    if all(a <= b for a, b in pairwise(began)):
        yield from _checked(path, skipped)
    else:
        yield from sorted(_checked(path, skipped), key=lambda e: e.began)


def _checked(path: Path, skipped: Counter[str]) -> Iterator[Entry]:
    number = -1
    with _opened(path) as file, TextIOWrapper(file, encoding="utf-8") as text:
        elements = entries(text)
        while True:
            number += 1
            try:
                raw = next(elements, None)
                if raw is None:
                    return
                entry = Entry(number, raw)
                reason = readable(entry)
            except ValueError as error:
                raise _wrong(number, error) from None
            if reason:
                skipped[reason] += 1
            else:
                yield entry


def _wrong(number: int, error: ValueError) -> ValueError:
    return error if isinstance(error, UnicodeDecodeError) else ValueError(f"entry {number}: {error}")
