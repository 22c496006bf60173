"""What `start` prints: one event of a child becomes one line for a person. Decides no fact, keeps nothing."""

import os
import select
import signal
import time
from collections.abc import Iterable, Mapping
from typing import Any, Final

_COLORS: Final = {"dim": "2", "bold": "1", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}
_LONGEST: Final = 400


class Printer:
    """Writes lines to a descriptor that may be slow or gone, and never waits for it."""

    def __init__(self, fd: int, *, color: bool) -> None:
        """`fd` is usually standard output."""
        self.color = color
        self.dropped = 0
        self._fd = fd

    def say(self, line: str) -> None:
        """Write one line. A terminal that was stopped must not stop the daemon: then it is dropped and counted."""
        try:
            if select.select([], [self._fd], [], 0)[1]:
                os.write(self._fd, line.encode("utf-8", "replace") + b"\n")
                return
        except (OSError, ValueError):
            pass
        self.dropped += 1


def paint(text: str, color: str, on: bool) -> str:
    """The text in a color, where colors are wanted."""
    return f"\x1b[{_COLORS[color]}m{text}\x1b[0m" if on else text


def plain(value: object) -> str:
    """Text from elsewhere without what could drive a terminal, at most one line long."""
    text = str(value)[:_LONGEST]
    return "".join(c if c.isprintable() else "�" for c in text)


def line(event: Mapping[str, Any], color: bool = False) -> str | None:
    """The line for an event, or None where a person needs none."""
    match event.get("event"):
        case "attached":
            return attached(event, color)
        case "refused":
            return warning(f"{event.get('library', '?')} cannot be read: {_why(event)}", color)
        case "warning":
            return warning(_why(event), color)
        case "told":
            return told(event, color)
        case _:
            return None


def _why(event: Mapping[str, Any]) -> str:
    return str(event.get("why") or event.get("reason") or event.get("text") or "?")


def attached(event: Mapping[str, Any], color: bool = False) -> str:
    """A library that is read from now on."""
    what = f"{event.get('library', '?')}, {event.get('probes', 0)} probes"
    return row("kernel", what, str(event.get("path", "")), color=color)


def row(title: str, text: str, more: str = "", *, color: bool = False) -> str:
    """One line of the list that `start` begins with."""
    tail = f"  {paint(plain(more), 'dim', color)}" if more else ""
    return f"  {title:8} {plain(text)}{tail}"


def warning(text: str, color: bool = False) -> str:
    """One sentence about what does not work."""
    return f"{paint('!', 'yellow', color)} {plain(text)}"


def died(name: str, code: int, words: str, color: bool = False) -> str:
    """A child ended that should not have."""
    how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
    return warning(f"the {name} ended with {how}{f' ({words})' if words else ''}; it is started again", color)


def stuck(name: str, seconds: float, color: bool = False) -> str:
    """A child was told to end and did not."""
    return warning(f"the {name} did not end in {seconds:g} s and is killed", color)


def introduction(
    status: Mapping[str, Any], libraries: Iterable[Mapping[str, Any]], color: bool = False
) -> list[str]:
    """What `start` begins with: what is watched, through what, and where to look."""
    only = ", ".join(status["only"]) or "every process of this host"
    lines = [paint(f"hexr-autoinst {status['version']}", "bold", color) + f" watches {plain(only)}"]
    if status["not"]:
        lines.append(row("but not", ", ".join(status["not"])))
    read = [attached(event, color) for event in libraries]
    kernel, proxy = status["planes"]["ebpf"], status["planes"]["proxy"]
    if kernel["state"] != "up":
        read.append(row("kernel", f"{kernel['state']}: {kernel['why']}"))
    lines += read or [row("kernel", "a TLS library is attached as soon as a watched process maps it")]
    if status["proxy_port"] and proxy["state"] != "unavailable":
        lines.append(
            row("proxy", f"127.0.0.1:{status['proxy_port']}", "hexr-autoinst run -- COMMAND", color=color)
        )
    else:
        lines.append(row("proxy", f"{proxy['state']}: {proxy['why']}"))
    lines.append(row("page", status["page"] or "not there yet: hexr-autoinst status"))
    took = f"ready in {status['uptime_s']} s"
    return [*lines, paint(f"  {took}; one line for each operation follows; Ctrl-C ends", "dim", color)]


def told(event: Mapping[str, Any], color: bool = False) -> str:
    """One operation: time, agent, what, tokens, times, outcome."""
    clock = time.strftime("%H:%M:%S", time.localtime(_number(event.get("at")) / 1e9))
    parts = [
        paint(clock, "dim", color),
        paint(f"{plain(event.get('agent') or '-'):14}", "cyan", color),
        f"{plain(event.get('model') or event.get('name') or '-'):28}",
    ]
    given = (event.get("in"), event.get("out"))
    parts.append(
        f"{_count(given[0]):>6} → {_count(given[1]):<6}" if any(n is not None for n in given) else " " * 15
    )
    parts.append(f"{seconds(event.get('ms')):>8}")
    if event.get("first_ms") is not None:
        parts.append(paint(f"first {seconds(event.get('first_ms'))}", "dim", color))
    if event.get("error"):
        parts.append(paint(plain(event["error"]), "red", color))
    elif event.get("finish"):
        parts.append(paint(plain(event["finish"]), "green", color))
    return "  ".join(parts)


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _count(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else "-"


def seconds(ms: object) -> str:
    """A duration with three digits that mean something."""
    value = _number(ms)
    return f"{value:.0f} ms" if value < 1000 else f"{value / 1000:.2f} s"
