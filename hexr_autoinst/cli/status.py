"""Says whether the daemon runs and how it is doing.

  hexr-autoinst status           a few lines
  hexr-autoinst status --json    all of it

Exit code 0 when it watches, 3 when it does not run or is not yet up.
"""

import argparse
import json
from pathlib import Path
from typing import Any, Final

NAME = "status"
HELP = "whether the daemon runs, and how it is"

NOT_UP: Final = 3
_DAY: Final = 86_400


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Output form."""
    parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")


def run(args: argparse.Namespace) -> int:
    """Ask the supervisor, read what the others left in the run folder."""
    from hexr_autoinst.config import load
    from hexr_autoinst.control import ask
    from hexr_autoinst.errors import NotRunning

    run_dir = Path(load().run_dir)
    try:
        found = ask(run_dir, "status")
    except NotRunning as error:
        if not args.json:
            raise
        print(json.dumps({"state": "stopped", "why": error.message}))
        return NOT_UP
    for name in ("teller", "camera"):
        found[name] = _read(run_dir / f"{name}.json")
    print(json.dumps(found, indent=2) if args.json else render(found))
    return 0 if found["state"] == "ready" else NOT_UP


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def render(found: dict[str, Any]) -> str:
    """The state for a person."""
    since = duration(found["uptime_s"])
    lines = [f"hexr-autoinst {found['version']} is {found['state']} (pid {found['pid']}, for {since})"]
    watched = ", ".join(found["only"]) or "every process of this host"
    lines.append(f"  watches   {watched}" + (f" but not {', '.join(found['not'])}" if found["not"] else ""))
    lines.append(f"  kernel    {_plane(found, 'ebpf')}{_libraries(found['camera'])}")
    port = f" on 127.0.0.1:{found['proxy_port']}" if found["proxy_port"] else ""
    lines.append(f"  proxy     {_plane(found, 'proxy')}{port}")
    lines.append(f"  page      {found['page'] or 'not there'}")
    lines += [*_told(found["teller"]), "", *_children(found["children"])]
    return "\n".join(lines)


def _plane(found: dict[str, Any], name: str) -> str:
    plane: dict[str, str] = found["planes"][name]
    return plane["state"] + (f": {plane['why']}" if plane["why"] and plane["state"] == "unavailable" else "")


def _libraries(camera: dict[str, Any]) -> str:
    attached, clear = camera.get("attached"), camera.get("cleartext", {})
    cleartext = " and cleartext" if clear.get("clear") == "" else ""
    return f", {len(attached)} libraries{cleartext} read" if isinstance(attached, list) else ""


def _told(teller: dict[str, Any]) -> list[str]:
    account = teller.get("account")
    if not isinstance(account, dict):
        return []
    dropped, ignored = sum(account["dropped"].values()), sum(account["ignored"].values())
    lines = [
        (
            f"  told      {teller.get('spans', 0):,} spans; facts {account['issued']:,} = told {account['told']:,}"
            f" + ignored {ignored:,} + dropped {dropped:,} + open {account['open']:,}"
        )
    ]
    if teller.get("last_error"):
        lines.append(f"  export    {teller['last_error']}")
    return lines


def _children(children: list[dict[str, Any]]) -> list[str]:
    lines = [f"  {'process':10}{'pid':>8}  {'user':12}{'state':12}{'restarts':>8}"]
    for child in children:
        why = child["why"] or (child["last_words"] if child["restarts"] else "")
        row = f"  {child['name']:10}{child['pid'] or '-':>8}  {child['user']:12}{child['state']:12}{child['restarts']:>8}"
        lines.append(f"{row}  {why}".rstrip())
    return lines


def duration(seconds: float) -> str:
    """As a person says it."""
    whole = int(seconds)
    if whole >= _DAY:
        return f"{whole // _DAY} d {whole % _DAY // 3600} h"
    if whole >= 3600:
        return f"{whole // 3600} h {whole % 3600 // 60} min"
    return f"{whole // 60} min {whole % 60} s" if whole >= 60 else f"{whole} s"
