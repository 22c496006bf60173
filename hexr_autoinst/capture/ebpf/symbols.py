"""The ladder of one TLS library: which functions to probe and where, or why it cannot be read and what to do.

.dynsym → .symtab → build-id table → masked signature on a unique match → not capturable, said so.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

from hexr_autoinst.capture.ebpf import known
from hexr_autoinst.capture.ebpf.elf import Elf, NotElf
from hexr_autoinst.capture.ebpf.foreign import USE_THE_PROXY, by_content, by_name, label
from hexr_autoinst.capture.ebpf.lookup import Symbol, code, exported, listed
from hexr_autoinst.capture.ebpf.returns import returns

READS: Final = ("SSL_read", "SSL_read_ex")
WRITES: Final = ("SSL_write", "SSL_write_ex")
FUNCTIONS: Final = (
    *READS, *WRITES,
    "SSL_do_handshake", "SSL_connect", "SSL_accept", "SSL_free", "SSL_clear", "SSL_ctrl",
    "SSL_get0_alpn_selected", "SSL_sendfile", "SSL_set_connect_state", "SSL_set_accept_state", "SSL_version",
)  # fmt: skip


class Probe(NamedTuple):
    """Where one function is entered and left (file offsets). No `returns`: a return probe is needed."""

    function: str
    offset: int
    returns: tuple[int, ...] = ()


class Plan(NamedTuple):
    """What to attach to one file, found by which rung of the ladder."""

    path: str
    device: int
    inode: int
    label: str
    rung: str
    probes: tuple[Probe, ...]


class Refusal(NamedTuple):
    """Why a file is not attached. An empty label means that there is no TLS in it to speak of."""

    path: str
    label: str
    reason: str
    advice: str = ""


def survey(path: str | Path, fd: int | None = None, entries: known.Known | None = None) -> Plan | Refusal:
    """Climb the ladder for a file. `fd`: already open, then `path` only names it. Never raises on a bad file."""
    try:
        with Elf.open(path if fd is None else fd) as elf:
            return _survey(elf, str(path), entries)
    except (NotElf, OSError) as error:
        return Refusal(str(path), "", f"it cannot be read as a program: {error}")


def _survey(elf: Elf, path: str, entries: known.Known | None) -> Plan | Refusal:
    if other := by_name(path):
        return Refusal(path, other, f"{other} is not read by the kernel plane yet", USE_THE_PROXY)
    name = label(path)
    for rung, find in (("dynsym", exported), ("symtab", listed)):
        if _whole(found := find(elf, FUNCTIONS)):
            return _plan(elf, path, name, rung, found)
    entries = known.load() if entries is None else entries
    for rung, by in (("build-id", known.by_build_id), ("signature", known.by_signature)):
        if (entry := by(elf, entries)) and _whole(entry[1]):
            return _plan(elf, path, entry[0], rung, entry[1])
    if foreign := by_content(elf, path):
        return Refusal(path, foreign.label, foreign.reason, USE_THE_PROXY)
    return Refusal(path, "", "it carries no TLS library of its own")


def _whole(found: Mapping[str, Symbol]) -> bool:
    """Without a read and a write there is nothing to tell."""
    return any(f in found for f in READS) and any(f in found for f in WRITES)


def _plan(elf: Elf, path: str, name: str, rung: str, found: Mapping[str, Symbol]) -> Plan | Refusal:
    probes = tuple(
        p for function in FUNCTIONS if function in found and (p := _probe(elf, function, found[function]))
    )
    if not _whole({p.function: found[p.function] for p in probes}):
        return Refusal(path, name, "its functions lie outside its executable segments", USE_THE_PROXY)
    return Plan(path, elf.device, elf.inode, name, rung, probes)


def _probe(elf: Elf, function: str, symbol: Symbol) -> Probe | None:
    offset = elf.file_offset(symbol.vaddr, code=True)
    if offset is None:
        return None
    found = returns(code(elf, symbol), elf.machine) if symbol.size else ()
    return Probe(function, offset, tuple(offset + r for r in found))
