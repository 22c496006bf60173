"""Every error a user can meet: the docstring is the message, the class holds the exit code.

Exit codes follow sysexits.h where it has a word for the case, so that scripts and service
managers can tell "you may not" (77) from "this machine cannot" (69) and "fix your file" (78).
"""

from typing import ClassVar


class HexrError(Exception):
    """hexr-autoinst could not go on: {detail}"""

    exit_code: ClassVar[int] = 70  # EX_SOFTWARE

    def __init__(self, **facts: object) -> None:
        """Keep the facts that fill the braces of the docstring."""
        self.facts = facts
        super().__init__(self.message)

    @property
    def message(self) -> str:
        """The docstring with its braces filled: one sentence that says what to do next."""
        return (type(self).__doc__ or "").format(**{"detail": "", **self.facts})


class ConfigError(HexrError):
    """Configuration: {detail}"""

    exit_code = 78  # EX_CONFIG


class UsageError(HexrError):
    """{detail}"""

    exit_code = 64  # EX_USAGE


class NotRoot(HexrError):
    """hexr-autoinst {verb} watches other users' processes and needs root: run `sudo hexr-autoinst {verb}`."""

    exit_code = 77  # EX_NOPERM


class CaptureUnavailable(HexrError):
    """Nothing can be captured: {detail}"""

    exit_code = 69  # EX_UNAVAILABLE


class LayoutMismatch(CaptureUnavailable):
    """The BPF object and this program disagree about `{struct}.{field}`: {detail}. Rebuild with `make bpf`."""


class AddressInUse(HexrError):
    """{what} cannot listen on {address}: something else does. Free it, or set {key} to another port."""

    exit_code = 69


class StateUnwritable(HexrError):
    """The folder {path} cannot be written ({detail}). Make it writable, or set {key} to another folder."""

    exit_code = 73  # EX_CANTCREAT


class NotRunning(HexrError):
    """hexr-autoinst is not running. Start it with `sudo hexr-autoinst start`."""

    exit_code = 3  # what LSB and systemctl say of a stopped service


class AlreadyRunning(HexrError):
    """hexr-autoinst is already running (pid {pid}). See `hexr-autoinst status`, or end it with `sudo hexr-autoinst stop`."""

    exit_code = 69


class NoExport(HexrError):
    """{path} cannot be read as OTLP/JSON lines: {detail}"""

    exit_code = 65  # EX_DATAERR


class InputError(HexrError):
    """{path} cannot be read as a recording or HAR 1.2: {detail}"""

    exit_code = 65  # EX_DATAERR


class WireError(HexrError):
    """Bytes that are not the protocol they began as: {detail}"""

    exit_code = 65


class NotInstalled(HexrError):
    """{what} is missing: run `sudo make install` in the clone, then start again."""

    exit_code = 69


class NoStore(HexrError):
    """There is no store at {path}: nothing has been told yet. Begin with `sudo hexr-autoinst start`, then `sudo hexr-autoinst demo`."""

    exit_code = 3  # as NotRunning: no daemon has ever run here


class StoreUnreadable(HexrError):
    """The store {path} is not yours to read: run the command with sudo, or join its group (`sudo usermod -aG hexr $USER`, then log in again)."""

    exit_code = 77


class StoreBroken(HexrError):
    """The store {path} cannot be read: {detail}"""

    exit_code = 65


class NoSuchTrace(HexrError):
    """{detail}"""

    exit_code = 65
