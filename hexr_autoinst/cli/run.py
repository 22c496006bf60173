"""Runs one program through the proxy: sets the variables of `hexr-autoinst env`, then becomes the program.

  hexr-autoinst run -- python agent.py
  hexr-autoinst run --if-running -- python agent.py    plainly, when the daemon does not run

Needs no root. Exit code: the program's; 3 when the daemon does not run; 126, 127 as in a shell.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from hexr_autoinst.errors import NotRunning, UsageError

NAME = "run"
HELP = "run one program through the proxy"

_NODE: Final = re.compile(rb"^#!.*\bnode\b")
_VERSION: Final = re.compile(r"v(\d+)\.(\d+)")
_PROXIES: Final = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")
NOT_FOUND: Final = 127
NOT_EXECUTABLE: Final = 126


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The program and what it gets."""
    parser.add_argument(
        "--if-running", action="store_true", help="run it without the proxy when there is none"
    )
    parser.add_argument("command", nargs=argparse.REMAINDER, metavar="-- CMD", help="the program")


def run(args: argparse.Namespace) -> int:
    """Become the program."""
    from hexr_autoinst.cli.env import find, variables
    from hexr_autoinst.config import load

    command = args.command[1:] if args.command[:1] == ["--"] else args.command
    if not command:
        raise UsageError(detail="What should run? For example: hexr-autoinst run -- python agent.py")
    environ = dict(os.environ)
    config = load()
    try:
        environ |= variables(config, find(config), environ)
        for sentence in warnings(command[0], os.environ):
            print(f"hexr-autoinst: {sentence}", file=sys.stderr)
    except NotRunning:
        if not args.if_running:
            raise
    return become(command, environ)


def become(command: list[str], environ: Mapping[str, str]) -> int:
    """Replace this process; the exit code of a shell when that cannot be done."""
    sys.stdout.flush()
    sys.stderr.flush()
    try:
        os.execvpe(command[0], command, environ)  # noqa: S606 - running it is what was asked for
    except OSError as error:
        print(f"hexr-autoinst: {command[0]} cannot be run: {error.strerror}", file=sys.stderr)
        return NOT_FOUND if isinstance(error, FileNotFoundError) else NOT_EXECUTABLE


def warnings(program: str, environ: Mapping[str, str]) -> list[str]:
    """What the user should know before: one sentence each."""
    found = []
    old = next((environ[name] for name in _PROXIES if environ.get(name)), "")
    if old and urls_differ(old):
        found.append(f"your own proxy {_shown(old)} is not used: our proxy connects to the servers directly.")
    node = node_version(program)
    if node and not takes_proxy(node):
        version = ".".join(map(str, node))
        found.append(
            f"Node {version} ignores proxy variables (22.21 and 24 know them), so this goes past the proxy; the kernel plane sees it."
        )
    return found


def urls_differ(old: str) -> bool:
    """Whether a proxy variable points elsewhere than at this machine's loopback, where ours is."""
    return not re.match(r"(https?://)?(127\.|localhost|\[::1\])", old)


def _shown(url: str) -> str:
    # A proxy URL may hold a password.
    return re.sub(r"//[^@/]*@", "//", url)


def takes_proxy(version: tuple[int, int]) -> bool:
    """NODE_USE_ENV_PROXY came with 24.0 and was given to 22.21; 23 never had it."""
    return version >= (24, 0) or (22, 21) <= version < (23, 0)


def node_version(program: str) -> tuple[int, int] | None:
    """The version of the Node that will run this program; None if none will."""
    path = shutil.which(program)
    if path is None:
        return None
    if Path(path).name in ("node", "nodejs"):
        return _ask_node(path)
    try:
        with Path(path).open("rb") as file:
            script = _NODE.match(file.read(128))
    except OSError:
        return None
    node = shutil.which("node")
    return _ask_node(node) if script and node else None


def _ask_node(path: str) -> tuple[int, int] | None:
    try:
        done = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=5, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = _VERSION.match(done.stdout)
    return (int(found[1]), int(found[2])) if found else None
