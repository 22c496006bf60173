"""Writes the facts of this host to a file: exactly what the pipeline sees, for a bug report of your own or a replay.

  sudo hexr-autoinst record facts.hexr                 until Ctrl-C
  sudo hexr-autoinst record facts.hexr --seconds 30
  sudo hexr-autoinst record --veiled bug.hexr          fit for a bug report

The file holds plaintext of observed traffic, keys included. It is made with mode 0600 and its first line
says so. With --veiled it holds exchanges with secrets and content removed: hosts, models, tool names, ids,
counts and times stay, prompts, answers, arguments and results do not. `hexr-autoinst replay` tells the
same spans of either.
"""

import argparse
import contextlib
import os
import select
import socket
import sys
import time
from pathlib import Path
from typing import Any

NAME = "record"
HELP = "write the facts of this host to a file (plaintext, unless --veiled)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where, how long."""
    parser.add_argument("file", type=Path, help="the file to make; it must not exist yet")
    parser.add_argument(
        "--veiled", action="store_true", help="exchanges with secrets and content removed, not plaintext"
    )
    parser.add_argument("--seconds", type=float, default=0, help="stop after so long (default: until Ctrl-C)")


def run(args: argparse.Namespace) -> int:
    """Copy the teller's merged stream into the file."""
    from hexr_autoinst.config import load

    config = load()
    with _connect(Path(config.run_dir) / "facts.sock", veiled=args.veiled) as source, _made(args.file) as out:
        what = "secrets and content are removed" if args.veiled else "it holds plaintext, keys included"
        print(f"recording to {args.file}: {what}. Ctrl-C ends.", file=sys.stderr)
        with contextlib.suppress(KeyboardInterrupt):
            _copy(source, out, args.seconds)
    print(f"{args.file.stat().st_size:,} bytes in {args.file}", file=sys.stderr)
    return 0


def _connect(path: Path, *, veiled: bool) -> socket.socket:
    from hexr_autoinst.capture.stream import header
    from hexr_autoinst.errors import NotRoot, NotRunning

    source = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        source.connect(str(path))
    except OSError as error:
        source.close()
        raise (NotRoot(verb="record") if isinstance(error, PermissionError) else NotRunning()) from None
    source.sendall(header("recorder", veiled=veiled))
    return source


def _made(path: Path) -> Any:
    from hexr_autoinst.errors import UsageError

    try:
        return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
    except FileExistsError:
        raise UsageError(
            detail=f"{path} exists already; name another file, for a recording is never overwritten"
        ) from None
    except OSError as error:
        raise UsageError(detail=f"{path} cannot be made: {error.strerror}") from None


def _copy(source: socket.socket, out: Any, seconds: float) -> None:
    end = time.monotonic() + seconds if seconds else float("inf")
    while (left := end - time.monotonic()) > 0:
        if not select.select([source], [], [], min(left, 1.0))[0]:
            continue
        data = source.recv(1 << 16)
        if not data:
            print("the daemon has ended", file=sys.stderr)
            return
        out.write(data)
