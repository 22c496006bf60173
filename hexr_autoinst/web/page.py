"""The page's process: port, routes, and the tie to the supervisor. User hexr-page; opens the store for reading only.

python -m hexr_autoinst.web.page    by itself it reads the configuration as every verb does
"""

import json
import os
import re
import signal
import sys
import threading
import time
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any, Final

from hexr_autoinst import config as configuration
from hexr_autoinst.config import Config
from hexr_autoinst.errors import AddressInUse, HexrError
from hexr_autoinst.export.sqlite_reader import SqliteStore
from hexr_autoinst.export.store_schema import STORE_FILE
from hexr_autoinst.web import answers
from hexr_autoinst.web.server import File, Routes, Server

DEFAULT_PORT: Final = Config().page_port
PORTS_TO_TRY: Final = 11
_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_TRACE: Final = r"(?P<trace>[0-9a-f]{32})"


def routes(store: SqliteStore, run_dir: Path) -> Routes:
    """Every address of the page."""

    def overview(asked: Mapping[str, str]) -> Any:
        now = time.time_ns()
        return answers.overview(store, answers.query(asked, now), now, str(store.path))

    return Routes(
        files(),
        (
            (re.compile("/api/overview"), overview),
            (re.compile(f"/api/trace/{_TRACE}"), lambda asked: answers.trace(store, asked["trace"])),
            (
                re.compile(f"/api/span/{_TRACE}/(?P<span>[0-9a-f]{{16}})"),
                lambda asked: answers.span(store, asked["trace"], asked["span"]),
            ),
            (re.compile("/api/seen"), lambda _: answers.seen(store, run_dir, time.time_ns())),
        ),
    )


def files() -> dict[str, File]:
    """The page's own files, read once."""
    found = {}
    for entry in (resources.files("hexr_autoinst.web") / "static").iterdir():
        kind = _TYPES.get(Path(entry.name).suffix)
        if kind:
            found[f"/static/{entry.name}"] = File(kind, entry.read_bytes())
    found["/"] = found.pop("/static/index.html")
    return found


def bind(config: Config, made: Routes) -> Server:
    """The configured port or AddressInUse; where none was configured, the next that is free."""
    port = config.page_port
    host = "127.0.0.1" if config.page_host == "localhost" else config.page_host
    for candidate in range(port, port + PORTS_TO_TRY) if port == DEFAULT_PORT else (port,):
        try:
            return Server((host, candidate), made)
        except OSError:
            continue
    raise AddressInUse(what="The page", address=f"{config.page_host}:{port}", key="page_port")


def url(server: Server, config: Config) -> str:
    """Where to look."""
    host = f"[{config.page_host}]" if ":" in config.page_host else config.page_host
    return f"http://{host}:{server.port}/"


def say(**event: Any) -> None:
    """One line for the supervisor; when it is gone so are we, soon."""
    try:
        print(json.dumps(event), flush=True)  # noqa: T201 - standard output is the supervisor's
    except BrokenPipeError:
        # Else the interpreter complains once more when it flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def publish(run_dir: Path, port: int, address: str) -> bool:
    """RUN_DIR/page.json: the port in use, for `status` and `demo`. False when the folder will not have it."""
    fresh = run_dir / ".page.json.new"
    try:
        fresh.write_text(json.dumps({"pid": os.getpid(), "port": port, "url": address}), encoding="utf-8")
        fresh.chmod(0o644)
        fresh.replace(run_dir / "page.json")
    except OSError:
        return False
    return True


def main() -> int:
    """Serve until told to stop, or until the supervisor is gone."""
    text = os.environ.get("HEXR_CONFIG_JSON", "")
    try:
        config = Config.from_json(text) if text else configuration.load()
        server = bind(config, routes(SqliteStore(Path(config.state_dir) / STORE_FILE), Path(config.run_dir)))
    except HexrError as error:
        say(event="unavailable", why=error.message)
        return error.exit_code
    # shutdown() waits for the loop that the signal interrupts: it must come from another thread.
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    signal.signal(signal.SIGINT, lambda *_: threading.Thread(target=server.shutdown).start())
    _end_with_lifeline(server)
    address = url(server, config)
    published = publish(Path(config.run_dir), server.port, address)
    say(event="ready", url=address, port=server.port, published=published)
    server.serve_forever()
    server.server_close()
    return 0


def _end_with_lifeline(server: Server) -> None:
    fd = os.environ.get("HEXR_LIFELINE_FD", "")
    if not fd:
        return

    def wait() -> None:
        os.read(int(fd), 1)  # returns when the supervisor's end closes
        server.shutdown()

    threading.Thread(target=wait, daemon=True).start()


if __name__ == "__main__":
    raise SystemExit(main())
