"""The two lower rungs of the ladder: functions by the build-id of a known file, or by a unique masked signature."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from hexr_autoinst.capture.ebpf.elf import Elf
from hexr_autoinst.capture.ebpf.lookup import Symbol

FILE: Final = Path(__file__).with_name("known.toml")
_SHORTEST: Final = 12  # fixed bytes: fewer would be unique by luck


@dataclass(frozen=True, slots=True)
class Build:
    """One exact file."""

    label: str
    functions: Mapping[str, Symbol]


@dataclass(frozen=True, slots=True)
class Signature:
    """What a library's functions begin with, whatever file they were linked into."""

    label: str
    machine: str
    functions: Mapping[str, re.Pattern[bytes]]


@dataclass(frozen=True, slots=True)
class Known:
    """The table: builds by id, and signatures."""

    builds: Mapping[str, Build]
    signatures: tuple[Signature, ...]


def load(path: Path = FILE) -> Known:
    """Read the table; ValueError says which entry is wrong."""
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    return Known(
        {str(one["id"]): _build(one) for one in raw.get("build", ())},
        tuple(_signature(one) for one in raw.get("signature", ())),
    )


def by_build_id(elf: Elf, known: Known) -> tuple[str, Mapping[str, Symbol]] | None:
    """Label and functions, if this exact file is known."""
    build = known.builds.get(elf.build_id) if known.builds else None
    return (build.label, build.functions) if build else None


def by_signature(elf: Elf, known: Known) -> tuple[str, Mapping[str, Symbol]] | None:
    """Label and functions of the only signature whose every function occurs exactly once."""
    fitting = [s for s in known.signatures if s.machine == elf.machine]
    if not fitting:
        return None
    text = tuple(elf.text())
    matched = [(s.label, found) for s in fitting if (found := _matched(text, s))]
    return matched[0] if len(matched) == 1 else None


def _matched(text: tuple[tuple[int, bytes], ...], signature: Signature) -> dict[str, Symbol] | None:
    found = {}
    for name, pattern in signature.functions.items():
        places = [
            vaddr + m.start()
            for vaddr, data in text
            for m, _ in zip(pattern.finditer(data), "12", strict=False)
        ]
        if len(places) != 1:
            return None
        found[name] = Symbol(places[0], 0)  # where it ends is not known: no RETs, a return probe
    return found


def _build(one: Mapping[str, Any]) -> Build:
    functions = {str(k): Symbol(int(v[0]), int(v[1])) for k, v in one["functions"].items()}
    return Build(str(one["label"]), functions)


def _signature(one: Mapping[str, Any]) -> Signature:
    functions = {str(k): _pattern(str(v)) for k, v in one["functions"].items()}
    return Signature(str(one["label"]), str(one["machine"]), functions)


def _pattern(text: str) -> re.Pattern[bytes]:
    parts = text.split()
    if sum(p != "??" for p in parts) < _SHORTEST:
        raise ValueError(f"the signature `{text}` has fewer than {_SHORTEST} fixed bytes")
    return re.compile(b"".join(b"." if p == "??" else re.escape(bytes.fromhex(p)) for p in parts), re.DOTALL)
