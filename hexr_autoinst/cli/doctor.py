"""Checks what this machine can do, what is attached, what was seen and what was missed.

  sudo hexr-autoinst doctor           a line for each check, with what to do where one fails
  sudo hexr-autoinst doctor --json    the same as one JSON object, with the account of facts

Exit code 0 when both planes can run, 69 when one cannot.
"""

import argparse
import json
import os
from pathlib import Path
from typing import Any, Final

NAME = "doctor"
HELP = "check this machine, the planes, and the account of what was seen"

_MARKS: Final = {True: "ok ", False: "NO ", None: "-- "}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Output form."""
    parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")


def run(args: argparse.Namespace) -> int:
    """Look, print, answer."""
    from hexr_autoinst.config import load

    config = load()
    run_dir = Path(config.run_dir)
    report: dict[str, Any] = {
        "checks": checks(config),
        "camera": _read(run_dir / "camera.json"),
        "teller": _read(run_dir / "teller.json"),
        "front": _read(run_dir / "front.json"),
        "supervisor": _read(run_dir / "supervisor.json"),
    }
    if args.json:
        print(json.dumps(report, indent=2))
    else:
        print(render(report))
    return 0 if all(c["ok"] is not False for c in report["checks"]) else 69


def checks(config: Any) -> list[dict[str, Any]]:
    """Each ability: what, ok (None: cannot be told from here), detail, and what to do."""
    root = os.geteuid() == 0
    return [
        _check("root", True if root else None, f"uid {os.geteuid()}", "run `sudo hexr-autoinst doctor` to see everything"),
        _kernel(),
        _libbpf(),
        _loader(config.loader),
        _check(
            "cgroup2", _cgroup2() is not None, _cgroup2() or "not mounted",
            "`--only cgroup:…` needs a cgroup2 mount: mount -t cgroup2 none /sys/fs/cgroup/unified",
        ),
        _lockdown(),
        _proxy_environment(),
        _check(
            "state folder", os.access(config.state_dir, os.R_OK) if Path(config.state_dir).exists() else None,
            config.state_dir, "made at the first start; set state_dir to put it elsewhere",
        ),
    ]  # fmt: skip


def _check(what: str, ok: bool | None, detail: str, advice: str) -> dict[str, Any]:
    return {"what": what, "ok": ok, "detail": detail, "advice": "" if ok else advice}


def _kernel() -> dict[str, Any]:
    from hexr_autoinst.capture.ebpf.libbpf import kernel_has
    from hexr_autoinst.capture.ebpf.points import NEWEST_HELPER
    from hexr_autoinst.errors import CaptureUnavailable

    ok: bool | None = False
    try:
        btf = Path("/sys/kernel/btf/vmlinux").exists()
        ok = kernel_has(NEWEST_HELPER) if btf else None  # then the loader bcc is asked
    except CaptureUnavailable:
        ok = None  # without libbpf nobody can read it
    return _check(
        "kernel", ok, os.uname().release,
        "the kernel plane needs Linux 5.17 with CONFIG_DEBUG_INFO_BTF=y (Debian >= 12, Ubuntu >= 24.04), or 5.15 and bcc; the proxy plane runs without",
    )  # fmt: skip


def _libbpf() -> dict[str, Any]:
    from hexr_autoinst.capture.ebpf.loader import libbpf_version
    from hexr_autoinst.errors import CaptureUnavailable

    try:
        version = libbpf_version()
    except CaptureUnavailable as error:
        return _check("libbpf", False, error.message, "apt-get install libbpf1")
    return _check("libbpf", True, version, "")


def _loader(asked: str) -> dict[str, Any]:
    """Which loader a start would use, why, and what the other would need."""
    from hexr_autoinst.capture.ebpf import compiler, loaders

    choice = loaders.chosen(asked)
    lacks = compiler.obstacle()
    detail = f"{choice.loader}: {choice.why}"
    if choice.loader == loaders.LIBBPF:
        detail += f" (bcc: {lacks or 'could compile here too'})"
    else:
        detail += f" (libbpf: {'could load here too' if loaders.described() else 'needs BTF'})"
    return _check("loader", not choice.obstacle, detail, choice.obstacle)


def _cgroup2() -> str | None:
    for line in Path("/proc/mounts").read_text(encoding="utf-8").splitlines():
        _, place, kind, *_ = line.split()
        if kind == "cgroup2":
            return place
    return None


def _lockdown() -> dict[str, Any]:
    try:
        text = Path("/sys/kernel/security/lockdown").read_text(encoding="utf-8")
    except OSError:
        return _check("lockdown", True, "not in this kernel", "")
    closed = "[confidentiality]" in text
    return _check(
        "lockdown",
        not closed,
        text.strip(),
        "lockdown=confidentiality forbids reading user memory: use lockdown=integrity",
    )


def _proxy_environment() -> dict[str, Any]:
    prefix = Path(os.environ.get("HEXR_PREFIX", "/opt/hexr-autoinst"))
    python = prefix / "proxy" / "bin" / "python"
    return _check(
        "proxy environment",
        python.exists(),
        str(python.parent.parent),
        "`sudo make install` in the clone makes it",
    )


def _read(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def render(report: dict[str, Any]) -> str:
    """The report for a person."""
    lines = ["This machine"]
    for check in report["checks"]:
        lines.append(f"  {_MARKS[check['ok']]} {check['what']:18} {check['detail']}")
        if check["advice"]:
            lines.append(f"      → {check['advice']}")
    lines += ["", "TLS libraries", *_libraries(report["camera"])]
    lines += ["", "The account of facts", *_account(report["teller"])]
    front = report["front"]
    if itself := [
        *_restarts(report["supervisor"]),
        *_sinks(report["teller"]),
        *_added(front),
        *_guard(front),
    ]:
        lines += ["", "Itself", *itself]
    if programs := _programs(report["camera"]):
        lines += ["", "Kernel programs", *programs]
    return "\n".join(lines)


def _libraries(camera: dict[str, Any] | None) -> list[str]:
    if camera is None:
        return ["  nothing is attached: the daemon does not run (sudo hexr-autoinst start)"]
    lines = []
    for one in camera.get("attached", []):
        lines.append(
            f"  ok  {one.get('library', '?'):28} {one.get('probes', 0):3} probes by {one.get('rung', '?'):10} {one.get('path', '')}"
        )
        lines += [
            f"      without {m.get('function', '?')}: {m.get('reason', '')}" for m in one.get("unprobed", [])
        ]
    for one in camera.get("refused", []):
        lines.append(f"  NO  {one.get('library', '?'):28} {one.get('reason', '')}  {one.get('path', '')}")
        if one.get("advice"):
            lines.append(f"      → {one['advice']}")
    return [*(lines or ["  none seen yet"]), *_clear(camera), *_lacking(camera)]


def _lacking(camera: dict[str, Any]) -> list[str]:
    """What this kernel does not say, and what becomes of it."""
    carried = str(camera.get("carried", "tracepoints"))
    lines = [f"  --  this kernel has no tracepoint {name}" for name in camera.get("absent", [])]
    if carried == "functions":
        lines.append("  --  this kernel is older than 6.3: TCP's functions say which socket carries a stream")
    elif carried != "tracepoints":
        lines.append(f"  NO  which socket carries a stream is said by {carried}")
    return lines


_CLEAR: Final = {
    "clear": "sockets in the clear",
    "pipe": "pipes between a process and its child",
    "stdio": "which pipes are a conversation",
}


def _clear(camera: dict[str, Any]) -> list[str]:
    """What is read where no TLS is, and why not."""
    found = camera.get("cleartext", {})
    if {found.get(part) for part in _CLEAR} == {"off"}:
        return ["  --  cleartext is not read: `cleartext` is switched off"]
    bad = [f"  NO  {said} are not read: {why}" for part, said in _CLEAR.items() if (why := found.get(part))]
    if found and not bad:
        pipes = "" if found.get("watching_pipes") else ", pipes when a process begins to talk by one"
        return [f"  ok  cleartext: sockets, unix sockets{pipes or ', pipes'}"]
    return bad


def _account(teller: dict[str, Any] | None) -> list[str]:
    if teller is None or "account" not in teller:
        return ["  nothing: the daemon does not run"]
    account = teller["account"]
    ignored, dropped = sum(account["ignored"].values()), sum(account["dropped"].values())
    holds = (
        "holds"
        if account["balanced"]
        else "DOES NOT HOLD: please report it with `hexr-autoinst doctor --json`"
    )
    lines = [
        f"  issued {account['issued']} = told {account['told']} + ignored {ignored} + dropped {dropped} + open {account['open']}   ({holds})"
    ]
    for title, counts in (
        ("ignored", account["ignored"]),
        ("dropped", account["dropped"]),
        ("survived errors", account["swallowed"]),
    ):
        if counts:
            parts = ", ".join(f"{k} {v}" for k, v in sorted(counts.items(), key=lambda kv: -kv[1]))
            lines.append(f"  {title}: {parts}")
    return lines


def _restarts(supervisor: dict[str, Any] | None) -> list[str]:
    again = {name: n for name, n in ((supervisor or {}).get("restarts") or {}).items() if n}
    return [f"  restarts: {', '.join(f'{name} {n}' for name, n in sorted(again.items()))}"] if again else []


def _sinks(teller: dict[str, Any] | None) -> list[str]:
    found = teller or {}
    lines = [
        f"  export to {name}: delivered {one['delivered']}, waiting {one['queued']}, failed {one['failed']}, dropped {one['dropped']}"
        for name, one in found.get("sinks", {}).items()
    ]
    if found.get("export_errors"):
        lines.append(f"  export errors: {found['export_errors']}, the last: {found.get('last_error', '')}")
    return lines


def _added(front: dict[str, Any] | None) -> list[str]:
    worker = (front or {}).get("worker") or {}
    parts = [
        f"{worker[f'{side}_added_ns'] / heads / 1e6:.2f} ms to a {side}'s first byte ({heads})"
        for side in ("request", "response")
        if (heads := worker.get(f"{side}_heads_timed", 0))
    ]
    return [f"  the proxy added on average {' and '.join(parts)}"] if parts else []


_GUARD: Final = {
    "guard_answers": "answers",
    "guard_blocked": "calls refused for it",
    "guard_timeouts": "too late",
    "guard_failures": "failed",
    "guard_refusals": "refused by it",
    "guard_busy": "not asked (too many at once)",
    "guard_not_asked": "not asked (too long, too many calls)",
}


def _guard(front: dict[str, Any] | None) -> list[str]:
    """What became of what the guard was shown, or was not."""
    worker = (front or {}).get("worker") or {}
    parts = [f"{n} {said}" for name, said in _GUARD.items() if (n := worker.get(name))]
    return [f"  the guard: {', '.join(parts)}"] if parts else []


def _programs(camera: dict[str, Any] | None) -> list[str]:
    found = camera or {}
    if found.get("uncounted"):
        return [f"  the kernel does not count their runs: {found['uncounted']}"]
    return [
        f"  {name:28} {one['runs']:10} runs, {one['ns'] / one['runs']:8.0f} ns each"
        for name, one in sorted(found.get("programs", {}).items(), key=lambda item: -item[1]["ns"])
        if one["runs"]
    ]
