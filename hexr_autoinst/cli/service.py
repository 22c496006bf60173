"""Makes the daemon a systemd service: install and start it, remove it without a trace, or ask how it is.

sudo hexr-autoinst service install      enable and start it, now and at every boot
sudo hexr-autoinst service uninstall    stop it and remove all that install made
hexr-autoinst service status
"""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

NAME = "service"
HELP = "install, remove or ask for the systemd service"

UNIT: Final = "hexr-autoinst.service"
# file of the package -> where it goes
FILES: Final = {
    "hexr-autoinst.service": "etc/systemd/system/hexr-autoinst.service",
    "hexr-autoinst-proxy.service": "etc/systemd/system/hexr-autoinst-proxy.service",
    "hexr-autoinst.sysusers": "etc/sysusers.d/hexr-autoinst.conf",
    "hexr-autoinst.tmpfiles": "etc/tmpfiles.d/hexr-autoinst.conf",
}
ENVIRONMENT: Final = "etc/hexr-autoinst/environment"
_SYSUSERS: Final = "etc/sysusers.d"  # of these folders the one that Debian's systemd does not bring


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to do, and under which root (for image builders)."""
    parser.add_argument("what", choices=("install", "uninstall", "status"))
    parser.add_argument(
        "--root", type=Path, default=Path("/"), help="write below this folder and start nothing"
    )
    parser.add_argument("--no-start", action="store_true", help="install, but neither enable nor start")


def run(args: argparse.Namespace) -> int:
    """Do it."""
    from hexr_autoinst.errors import NotRoot, UsageError

    if args.what == "status":
        return status()
    live, runs = args.root == Path("/"), Path("/run/systemd/system").exists()
    if live and os.geteuid() != 0:
        raise NotRoot(verb=f"service {args.what}")
    if args.what == "uninstall":
        return uninstall(args.root, stop=live and runs)
    start = live and not args.no_start
    if start and not runs:
        raise UsageError(detail="systemd does not run here; start the daemon with `hexr-autoinst start`")
    return install(args.root, start=start, reload=live and runs)


def install(root: Path, *, start: bool, reload: bool) -> int:
    """Write the units for this very installation, then enable and start."""
    for name, place in FILES.items():
        _write(root / place, text(name))
    environment = root / ENVIRONMENT
    if not environment.exists():
        _write(environment, text("hexr-autoinst.environment"))
    if reload:
        _systemctl("daemon-reload")
    if not start:
        return 0
    code = _systemctl("enable", "--now", UNIT)
    print(f"{UNIT} is enabled and runs" if code == 0 else f"{UNIT} did not start: journalctl -u {UNIT}")
    return code


def uninstall(root: Path, *, stop: bool) -> int:
    """Stop and remove. The environment file stays only where somebody has changed it."""
    if stop:
        _systemctl("disable", "--now", UNIT, "hexr-autoinst-proxy.service")
    for place in FILES.values():
        (root / place).unlink(missing_ok=True)
    environment = root / ENVIRONMENT
    if environment.exists() and environment.read_text(encoding="utf-8") == text("hexr-autoinst.environment"):
        environment.unlink()
    for folder in (environment.parent, root / _SYSUSERS):
        if folder.exists() and not any(folder.iterdir()):
            folder.rmdir()
    if stop:
        _systemctl("daemon-reload")
        _systemctl("reset-failed", UNIT)
    print(
        f"{UNIT} is removed"
        + ("" if not environment.exists() else f"; {environment} was changed by hand and stays")
    )
    return 0


def status() -> int:
    """Systemd's own word: 0 active, 3 not."""
    if shutil.which("systemctl") is None or not Path("/run/systemd/system").exists():
        print("systemd does not run here")
        return 3
    return _systemctl("--no-pager", "--lines=0", "status", UNIT, quiet=False)


def text(name: str) -> str:
    """A file of systemd/, with the paths of this installation."""
    folder = Path(__file__).parent.parent / "systemd"
    if not folder.exists():  # a source tree
        folder = Path(__file__).parent.parent.parent / "systemd"
    content = (folder / name).read_text(encoding="utf-8")
    core = Path(sys.prefix)
    return content.replace("/opt/hexr-autoinst", str(core.parent)) if core.name == "core" else content


def _write(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    path.chmod(0o644)


def _systemctl(*words: str, quiet: bool = True) -> int:
    out = subprocess.DEVNULL if quiet else None
    return subprocess.run(["systemctl", *words], stdout=out, stderr=out, check=False).returncode
