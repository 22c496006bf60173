"""What bpf/events.h says, in Python: every record that crosses, checked against the object's own BTF.

A record is a table of (field, format); nested structs are spelled out with their prefix. `check`
compares each offset and size, so that a header changed on one side only is a refusal to start.
"""

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from hexr_autoinst.capture.ebpf import btf
from hexr_autoinst.errors import LayoutMismatch

CHUNK, HANDSHAKE, OPENED, CLOSED, HEALTH, EXEC, EXIT, FORK, MAPPED = range(1, 10)
KINDS: Final = {
    CHUNK: "chunk", HANDSHAKE: "handshake", OPENED: "opened", CLOSED: "closed", HEALTH: "health",
    EXEC: "exec", EXIT: "exit", FORK: "fork", MAPPED: "mapped",
}  # fmt: skip

# Slots of the per-CPU array `counts`.
ISSUED: Final = 0
DROPPED: Final = 16
SINGLE: Final = {
    32: "muted", 33: "faults", 34: "cut", 35: "unjudged", 36: "tied", 37: "conflicts",
    38: "control.issued", 39: "control.dropped", 40: "clear.muted", 41: "clear.unread",
}  # fmt: skip
SLOTS: Final = 42


@dataclass(frozen=True, slots=True)
class Record:
    """One struct of events.h: dotted fields in order, each with its struct-module format."""

    name: str
    fields: tuple[tuple[str, str], ...]
    form: struct.Struct

    @classmethod
    def of(cls, name: str, fields: Iterable[tuple[str, str]]) -> "Record":
        """A record of these fields, packed as they stand."""
        kept = tuple(fields)
        return cls(name, kept, struct.Struct("<" + "".join(form for _, form in kept)))

    @property
    def size(self) -> int:
        """Bytes, without an array that has no length of its own."""
        return self.form.size

    def offsets(self) -> dict[str, tuple[int, int]]:
        """Offset and size of every field."""
        found, at = {}, 0
        for name, form in self.fields:
            size = struct.calcsize("<" + form)
            found[name] = (at, size)
            at += size
        return found

    def pack(self, **values: Any) -> bytes:
        """The bytes of one such struct; what is not given is zero."""
        empty = {name: b"" if form.endswith("s") else 0 for name, form in self.fields}
        unknown = set(values) - set(empty)
        if unknown:
            raise ValueError(f"{self.name} has no {', '.join(sorted(unknown))}")
        return self.form.pack(*{**empty, **values}.values())


_HEAD: Final = (("head.kind", "I"), ("head.pid", "I"), ("head.start", "Q"), ("head.at", "Q"))
_STREAM: Final = (*_HEAD, ("handle", "Q"), ("generation", "Q"))
_ENDS: Final = (
    ("ends.local", "16s"), ("ends.peer", "16s"),
    ("ends.local_port", "H"), ("ends.peer_port", "H"), ("ends.family", "H"), ("ends.spare", "H"),
)  # fmt: skip

Head: Final = Record.of("head", [(name.removeprefix("head."), form) for name, form in _HEAD])
Chunk: Final = Record.of(
    "chunk",
    [
        *_STREAM,
        ("lost", "Q"),
        ("seq", "I"),
        ("length", "I"),
        ("direction", "B"),
        ("joined", "B"),
        ("medium", "B"),
        ("spare", "5s"),
    ],
)
Handshake: Final = Record.of(
    "handshake",
    [
        *_STREAM, ("duration", "Q"), ("role", "B"), ("ok", "B"), ("timed", "B"),
        ("chosen", "B"), ("mutual", "B"), ("spare", "3s"),
        ("library", "32s"), ("sni", "128s"), ("alpn", "32s"), ("version", "16s"),
    ],
)  # fmt: skip
Opened: Final = Record.of(
    "opened",
    [*_STREAM, ("connect", "Q"), *_ENDS, ("role", "B"), ("failed", "B"), ("timed", "B"), ("spare", "5s")],
)
Closed: Final = Record.of("closed", _STREAM)
Health: Final = Record.of(
    "health",
    [
        *_HEAD, ("handle", "Q"), ("sent", "Q"), ("received", "Q"), ("duration", "Q"),
        ("rtt", "I"), ("retransmits", "I"),
    ],
)  # fmt: skip
Look: Final = Record.of(
    "look",
    [
        *_HEAD, ("parent_start", "Q"), ("inode", "Q"), ("device", "I"), ("parent", "I"),
        ("pipes", "I"), ("spare", "I"), ("name", "64s"),
    ],
)  # fmt: skip
Gone: Final = Record.of("gone", [*_HEAD, ("cpu", "Q"), ("code", "I"), ("signal", "I")])
FileId: Final = Record.of("file_id", [("device", "Q"), ("inode", "Q")])
Policy: Final = Record.of(
    "policy", [("ready", "I"), ("only", "I"), ("cgroups", "I"), ("users", "I"), ("exes", "I"), ("pids", "I")]
)
WITHIN: Final = ("ends",)  # a struct of its own only inside others
RECORDS: Final = (Head, Chunk, Handshake, Opened, Closed, Health, Look, Gone, FileId, Policy)


def check(paths: Iterable[Path], records: Iterable[Record] = RECORDS) -> None:
    """LayoutMismatch unless each record is laid out so in every object that has it, and one has it."""
    found: dict[str, list[dict[str, btf.Struct]]] = {}
    for path in paths:
        structs = _structs(path)
        for name in structs:
            found.setdefault(name, []).append(structs)
    for record in records:
        if record.name not in found:
            raise LayoutMismatch(struct=record.name, field="*", detail="no object has this struct")
        for structs in found[record.name]:
            _compare(record, structs)


def compare(structs: Mapping[str, btf.Struct], records: Iterable[Record] = RECORDS) -> None:
    """The same check against structs that a compiler has just laid out."""
    for record in records:
        if record.name not in structs:
            raise LayoutMismatch(struct=record.name, field="*", detail="the compiler has no such struct")
        _compare(record, structs)


def _structs(path: Path) -> dict[str, btf.Struct]:
    try:
        return btf.read(path).structs()
    except (OSError, ValueError) as error:
        raise LayoutMismatch(struct=path.name, field="*", detail=str(error)) from None


def _compare(record: Record, structs: Mapping[str, btf.Struct]) -> None:
    theirs = _flat(structs[record.name], structs)
    ours = record.offsets()
    for name in (*ours, *theirs):
        if ours.get(name) != theirs.get(name):
            detail = f"here {_said(ours.get(name))}, in the object {_said(theirs.get(name))}"
            raise LayoutMismatch(struct=record.name, field=name, detail=detail)
    if record.size != structs[record.name].size:
        detail = f"here {record.size} bytes in all, in the object {structs[record.name].size}"
        raise LayoutMismatch(struct=record.name, field="*", detail=detail)


def _said(place: tuple[int, int] | None) -> str:
    return "absent" if place is None else f"offset {place[0]} size {place[1]}"


def _flat(found: btf.Struct, structs: Mapping[str, btf.Struct]) -> dict[str, tuple[int, int]]:
    """Fields by dotted name; a nested struct has its member's name, and an open array no size."""
    flat = {}
    for field in found.fields:
        inner = structs.get(field.name)
        if inner and inner.size == field.size:
            for name, (offset, size) in _flat(inner, structs).items():
                flat[f"{field.name}.{name}"] = (field.offset + offset, size)
        elif field.size:
            flat[field.name] = (field.offset, field.size)
    return flat
