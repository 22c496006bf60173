"""The ladder of one TLS library: which functions to probe and where, or why it cannot be read and what to do.

.dynsym → .symtab → build-id table → masked signature on a unique match → not capturable, said so.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

from hexr_autoinst.capture.ebpf import entries as ways
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
    "SSL_sendfile", "SSL_set_connect_state", "SSL_set_accept_state",
    "SSL_get0_alpn_selected", "SSL_get_version", "SSL_get_current_cipher", "SSL_CIPHER_get_version",
    "SSL_get1_peer_certificate", "SSL_get_peer_certificate", "SSL_renegotiate_pending",
)  # fmt: skip


# Both end in one function that has the arguments of the second; inside, one probe is enough for both.
_TWINS: Final = {"SSL_read_ex": "SSL_read", "SSL_write_ex": "SSL_write"}


class Probe(NamedTuple):
    """Where one function is entered and left (file offsets). No `returns`: a return probe is needed.

    `inner`: where return probes are used, the function that does this one's work, cheaper to watch; 0: none. What is
    seen there has come by this function or by one of `through`.
    """

    function: str
    offset: int
    returns: tuple[int, ...] = ()
    inner: int = 0
    through: tuple[str, ...] = ()


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
    probes = tuple(p for function in FUNCTIONS if function in found and (p := _probe(elf, function, found)))
    if not _whole({p.function: found[p.function] for p in probes}):
        return Refusal(path, name, "its functions lie outside its executable segments", USE_THE_PROXY)
    return Plan(path, elf.device, elf.inode, name, rung, probes)


def _probe(elf: Elf, function: str, found: Mapping[str, Symbol]) -> Probe | None:
    symbol = found[function]
    offset = elf.file_offset(symbol.vaddr, code=True)
    if offset is None:
        return None
    text = code(elf, symbol) if symbol.size else b""
    at = offset + ways.entry(text, elf.machine)
    plain = Probe(function, at, tuple(offset + r for r in returns(text, elf.machine)))
    if function not in _TWINS or ways.pushes(elf.read(at, 2)):
        return plain
    return _inside(elf, plain, symbol.vaddr, text, found)


def _inside(elf: Elf, plain: Probe, vaddr: int, text: bytes, found: Mapping[str, Symbol]) -> Probe:
    """The probe with its inner function, if the twin has no other way: else its traffic would be told twice."""
    far = ways.relay(text, elf.machine)
    inner = None if far is None else elf.file_offset(vaddr + far, code=True)
    if far is None or inner is None or not ways.pushes(elf.read(inner, 2)):
        return plain
    name = _TWINS[plain.function]
    twin = found.get(name)
    if twin is None:
        return plain._replace(inner=inner)
    if ways.reaches(code(elf, twin), elf.machine, vaddr + far - twin.vaddr):
        return plain._replace(inner=inner, through=(name,))
    return plain
