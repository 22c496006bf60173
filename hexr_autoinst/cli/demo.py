"""Shows what hexr-autoinst sees: a small agent on the real OpenAI and Anthropic SDKs, against a local model server.

  sudo hexr-autoinst demo

Needs the daemon (sudo hexr-autoinst start) and no network, key or collector. The agent is an ordinary script
that knows nothing of us. Its trace is printed as a tree, with the page's address.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hexr_autoinst.errors import HexrError, NotInstalled, UsageError

if TYPE_CHECKING:
    from hexr_autoinst.export.sqlite_reader import SqliteStore

NAME = "demo"
HELP = "run a small agent against a local model and show its trace"

AGENT: Final = "hexr-demo"
_CALLS: Final = 7  # what the script of hexr_autoinst.demo.agent makes
_WAIT_S: Final = 20.0
_AGENT_S: Final = 90.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Nothing to choose but how long to wait."""
    parser.add_argument(
        "--wait",
        type=float,
        default=_WAIT_S,
        help="seconds more to wait for agent and trace on a slow machine (default 20)",
    )


def run(args: argparse.Namespace) -> int:
    """Serve, call, wait for the trace, draw it."""
    from hexr_autoinst.cli.asked import store
    from hexr_autoinst.config import load
    from hexr_autoinst.control import ask

    config = load()
    status = ask(Path(config.run_dir), "status")
    python = _python()
    by_kernel = status["planes"]["ebpf"]["state"] == "up"
    began = time.time_ns()
    with (
        tempfile.TemporaryDirectory(prefix="hexr-demo-") as folder,
        _model(Path(folder), tls=by_kernel) as base,
    ):
        print(f"A local model server answers at {base}, an agent calls it with the vendors' own SDKs:")
        _agent(python, base, _environment(Path(folder), config, by_kernel), _AGENT_S + args.wait)
    trace = _trace(store(), began, args.wait)
    if trace is None:
        _explain(status)
        return HexrError.exit_code
    _draw(store(), trace)
    if status.get("page"):
        print(f"\nThe same on the page: {status['page'].rstrip('/')}/#/trace/{trace}")
    return 0


def _python() -> Path:
    from hexr_autoinst.cast import prefix

    found = prefix() / "demo" / "bin" / "python"
    if not found.exists():
        raise NotInstalled(what=f"The demo's environment {found.parent.parent}")
    return found


@contextmanager
def _model(folder: Path, *, tls: bool) -> Iterator[str]:
    """The model server, for as long as this context; with the kernel plane over TLS, as real ones are."""
    command = [sys.executable, "-m", "hexr_autoinst.demo.server"]
    # An address that proxy variables do not except: 127.0.0.1 would bypass the proxy.
    host = "127.0.0.1" if tls else "127.0.0.2"
    if tls:
        pem, key = _certificate(folder)
        command += ["--cert", str(pem), "--key", str(key)]
    with subprocess.Popen(
        [*command, "--host", host], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        port = server.stdout.readline().strip()
        try:
            yield f"{'https' if tls else 'http'}://{host}:{port}/"
        finally:
            server.stdin.close()
            server.wait(10)


def _certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate of this run alone; it is gone with the folder."""
    pem, key = folder / "cert.pem", folder / "key.pem"
    command = [
        "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost",
        "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(pem),
    ]  # fmt: skip
    try:
        subprocess.run(command, check=True, capture_output=True)
    except FileNotFoundError:
        raise UsageError(
            detail="the demo makes a certificate with openssl: apt-get install openssl"
        ) from None
    return pem, key


def _environment(folder: Path, config: Any, by_kernel: bool) -> dict[str, str]:
    environment = {**os.environ, "HEXR_AGENT_NAME": AGENT}
    if by_kernel:
        environment["SSL_CERT_FILE"] = str(folder / "cert.pem")
        for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            environment.pop(name, None)
        return environment
    from hexr_autoinst.cli.env import find, variables

    return environment | variables(config, find(config), environment)


def _agent(python: Path, base: str, environment: dict[str, str], seconds: float) -> None:
    command = [str(python), "-m", "hexr_autoinst.demo.agent", base]
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False, timeout=seconds, cwd="/"
        )
    except subprocess.TimeoutExpired:
        raise HexrError(
            detail=f"the demo's agent was not done after {seconds:.0f} s: try a longer --wait"
        ) from None
    for line in done.stdout.splitlines():
        print(f"  {line}")
    if done.returncode:
        raise HexrError(detail=f"the demo's agent failed: {done.stderr.strip().splitlines()[-1:]}")


def _trace(store: "SqliteStore", began: int, seconds: float) -> str | None:
    """The agent's trace once its invocation is told; an unfinished one when time is up."""
    from hexr_autoinst.export.reading import Query

    end, rows = time.monotonic() + seconds, []
    while time.monotonic() < end:
        rows = store.traces(Query(since_ns=began, agent=AGENT))
        if rows and rows[0].calls >= _CALLS and rows[0].rooted:
            break
        time.sleep(0.2)
    return rows[0].trace_id if rows else None


def _draw(store: "SqliteStore", trace: str) -> None:
    import shutil

    from hexr_autoinst.cli import asked
    from hexr_autoinst.cli.tree import draw

    width = shutil.get_terminal_size((110, 24)).columns
    print()
    for line in draw(store.trace(trace), width, color=asked.colored(), wide=asked.unicode_output()):
        print(line)


def _explain(status: dict[str, Any]) -> None:
    """Why nothing may have been seen, and what to do next."""
    print("\nNothing was told of the agent.", file=sys.stderr)
    for rule in status["only"]:
        print(f"  the daemon looks only at {rule}: run the demo inside of it", file=sys.stderr)
    for name, plane in status["planes"].items():
        if plane["state"] != "up":
            print(f"  the {name} plane is {plane['state']}: {plane['why']}", file=sys.stderr)
    print("  see `sudo hexr-autoinst doctor`", file=sys.stderr)
