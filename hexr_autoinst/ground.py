"""What must exist before any child starts: folders with owners and modes, the session, the proxy's listening socket.

Who may write where, once and for all. The run folder is sticky and writable by the group of the
unprivileged children, so that each keeps a status file there and none can replace another's.
"""

import contextlib
import fcntl
import grp
import json
import os
import pwd
import secrets
import socket
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Final, NamedTuple

from hexr_autoinst.config import Config, Session
from hexr_autoinst.errors import AddressInUse, AlreadyRunning, NotInstalled, StateUnwritable

TELLER: Final = "hexr"
PROXY: Final = "hexr-proxy"
PAGE: Final = "hexr-page"
RUN_GROUP: Final = "hexr-run"
DEFAULT_PROXY_PORT: Final = Config().proxy_port
_NEXT_PORTS: Final = 10
_SALT_BYTES: Final = 16
_KEY_BYTES: Final = 32


class Ids(NamedTuple):
    """A system user's numbers."""

    uid: int
    gid: int


def user(name: str) -> Ids:
    """The numbers of one of our system users; NotInstalled when `make install` has not made it."""
    try:
        found = pwd.getpwnam(name)
    except KeyError:
        raise NotInstalled(what=f"The system user `{name}`") from None
    return Ids(found.pw_uid, found.pw_gid)


def group(name: str) -> int:
    """The number of one of our groups; NotInstalled likewise."""
    try:
        return grp.getgrnam(name).gr_gid
    except KeyError:
        raise NotInstalled(what=f"The group `{name}`") from None


def lay(config: Config) -> None:
    """Make every folder with its owner and mode; put right what a former run left otherwise."""
    teller, proxy = user(TELLER), user(PROXY)
    run, state = Path(config.run_dir), Path(config.state_dir)
    with _unwritable(run, "run_dir"):
        _folder(run, 0, group(RUN_GROUP), 0o1775)
        for name, owner in STATUS_FILES.items():
            _status_file(run / name, user(owner) if owner else Ids(0, 0))
    with _unwritable(state, "state_dir"):
        _folder(state, 0, 0, 0o755)
        # The page runs with the group of the store, and only reads. No setgid bit: a unit with RestrictSUIDSGID may not set it.
        _folder(state / "store", teller.uid, teller.gid, 0o750)
        _folder(state / "ca", proxy.uid, proxy.gid, 0o700)
        _folder(state / "trust", proxy.uid, proxy.gid, 0o755)


STATUS_FILES: Final = {
    "camera.json": "",
    "teller.json": TELLER,
    "front.json": PROXY,
    "page.json": PAGE,
}


@contextlib.contextmanager
def _unwritable(path: Path, key: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StateUnwritable(path=path, detail=error.strerror, key=key) from None


def _folder(path: Path, uid: int, gid: int, mode: int) -> None:
    path.mkdir(parents=True, exist_ok=True)
    # Never through a link: a former owner of the parent could aim it at somebody else's folder.
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        os.fchown(handle, uid, gid)
        os.fchmod(handle, mode)
    finally:
        os.close(handle)


def _status_file(path: Path, owner: Ids) -> None:
    """Empty and the writer's own: in a sticky folder nobody else can then put a file in its place."""
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    os.fchown(handle, *owner)
    os.close(handle)


def lock(run_dir: Path) -> int:
    """Hold the run folder for one supervisor. The kernel lets go of it however we end."""
    run_dir.mkdir(parents=True, exist_ok=True)
    handle = os.open(run_dir / "supervisor.pid", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        pid = os.pread(handle, 32, 0).decode("ascii", "replace").strip()
        os.close(handle)
        raise AlreadyRunning(pid=pid or "unknown") from None
    os.ftruncate(handle, 0)
    os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
    return handle


def session(state_dir: Path) -> Session:
    """The run's fixed facts. Salt and key are the installation's: made once, root's alone."""
    path = state_dir / "identity.json"
    with _unwritable(path, "state_dir"):
        salt, key = _kept(path) or _made(path)
    return Session(clock_offset(), salt, key, socket.gethostname())


def _kept(path: Path) -> tuple[str, str] | None:
    try:
        found = json.loads(path.read_text(encoding="ascii"))
        salt, key = str(found["salt"]), str(found["key"])
        whole = len(bytes.fromhex(salt)) == _SALT_BYTES and len(bytes.fromhex(key)) == _KEY_BYTES
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None  # none yet, or cut by a full disk: a new identity only changes the ids to come
    return (salt, key) if whole else None


def _made(path: Path) -> tuple[str, str]:
    salt, key = secrets.token_hex(_SALT_BYTES), secrets.token_hex(_KEY_BYTES)
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as out:
        json.dump({"salt": salt, "key": key}, out)
    fresh.replace(path)
    return salt, key


def clock_offset() -> int:
    """What CLOCK_BOOTTIME lacks to be Unix time, in ns: of several readings the one taken fastest."""
    best = (1 << 62, 0)
    for _ in range(9):
        before = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        unix = time.time_ns()
        after = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        best = min(best, (after - before, unix - (before + after) // 2))
    return best[1]


def proxy_listener(port: int) -> socket.socket:
    """The proxy's door on loopback. A configured port that is taken is an error; the default moves on."""
    tries = range(port, port + _NEXT_PORTS) if port == DEFAULT_PROXY_PORT else (port,)
    for number in tries:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", number))
            listener.listen(1024)  # while the front restarts, callers wait here
        except OSError:
            listener.close()
            continue
        return listener
    raise AddressInUse(what="The proxy", address=f"127.0.0.1:{port}", key="proxy_port")


def write_json(path: Path, value: object) -> None:
    """Replace a status file at once, so that no reader sees half of it."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_text(json.dumps(value), encoding="utf-8")
    fresh.chmod(0o644)
    fresh.replace(path)


def session_json(session: Session) -> str:
    """For HEXR_SESSION_JSON."""
    return json.dumps(asdict(session))


def session_from(text: str) -> Session:
    """What `session_json` wrote."""
    return Session(**json.loads(text))


def page_url(run_dir: Path) -> str:
    """Where the page says that it listens; "" when it has not said so."""
    try:
        found = json.loads((run_dir / "page.json").read_text(encoding="utf-8"))
        return str(found.get("url") or f"http://127.0.0.1:{int(found['port'])}")
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return ""
