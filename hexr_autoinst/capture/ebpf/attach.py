"""What is attached: targets are opened, surveyed apart, attached once for all processes, and remembered with the reason.

Parses nothing: see `apart`. Attaches by the descriptor that was surveyed, so that no path can change between the two.
"""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from hexr_autoinst.capture.ebpf import apart
from hexr_autoinst.capture.ebpf.maps import identity
from hexr_autoinst.capture.ebpf.symbols import READS, WRITES, Plan, Refusal
from hexr_autoinst.capture.ebpf.targets import Memory, Target, opened, overlaid

_MOST_ATTACHED: Final = 512
_MOST_REFUSED: Final = 256
_MOST_FILES: Final = 256  # of one survey
_PATIENCE: Final = 30.0


class Attached(Protocol):
    """What the loader answers."""

    @property
    def entries(self) -> int:
        """Probes made."""
        ...

    @property
    def refused(self) -> tuple[tuple[str, str], ...]:
        """Functions that could not be probed, and why."""
        ...


class Loader(Protocol):
    """What is needed of the loaded objects."""

    def attach(self, plan: Plan, pid: int = -1) -> Any:
        """Attach a plan."""
        ...

    def detach(self, attached: Any) -> None:
        """Take it away again."""
        ...


@dataclass(slots=True)
class _Batch:
    survey: apart.Survey
    files: list[tuple[Target, int]]
    until: float


@dataclass(slots=True)
class Attachments:
    """Feed it targets; select on `fds`; `attached` and `refused` are for the status file."""

    objects: Loader
    confine: Callable[[], None]
    say: Callable[[dict[str, Any]], None]
    attached: list[dict[str, Any]] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)
    memory: Memory = field(default_factory=Memory)
    _batches: dict[int, _Batch] = field(default_factory=dict)
    _overlaid: set[tuple[int, int, int]] = field(default_factory=set)

    @property
    def fds(self) -> tuple[int, ...]:
        """Pipes of the surveys at work."""
        return tuple(self._batches)

    def look(self, targets: Iterable[Target], now: float) -> None:
        """Open what has not been looked at and have it surveyed."""
        files: list[tuple[Target, int]] = []
        for target in targets:
            if target.inode and not self.memory.fresh(target.device, target.inode, now):
                continue
            fd = opened(target)
            if fd is None:
                self.memory.forget(target.device, target.inode)
            elif one := self._identified(target, fd, now):
                files.append((one, fd))
            if len(files) == _MOST_FILES:
                self._survey(files, now)
                files = []
        if files:
            self._survey(files, now)

    def _survey(self, files: list[tuple[Target, int]], now: float) -> None:
        survey = apart.start([(target.name, fd) for target, fd in files], self.confine)
        self._batches[survey.fd] = _Batch(survey, files, now + _PATIENCE)

    def _identified(self, target: Target, fd: int, now: float) -> Target | None:
        if target.inode:
            return target
        device, inode = identity(fd)
        if self.memory.fresh(device, inode, now):
            return target._replace(device=device, inode=inode)
        os.close(fd)
        return None

    def answer(self, fd: int) -> None:
        """A survey has something to say: attach what it found."""
        batch = self._batches[fd]
        for number, found in batch.survey.answers():
            target, file = batch.files[number]
            if isinstance(found, Plan):
                self._attach(target, file, found)
            elif found.label:
                self._refuse(found)
        if batch.survey.over:
            self._drop(fd)

    def expire(self, now: float) -> None:
        """End surveys that take too long: their files are looked at again another time."""
        for fd in [fd for fd, batch in self._batches.items() if batch.until < now]:
            self._batches[fd].survey.close()
            self._drop(fd)

    def close(self) -> None:
        """End every survey. The probes are the loader's to take away."""
        for fd in self.fds:
            self._batches[fd].survey.close()
            self._drop(fd)

    def _drop(self, fd: int) -> None:
        for _, file in self._batches.pop(fd).files:
            os.close(file)

    def _attach(self, target: Target, file: int, plan: Plan) -> None:
        if self._twin(target, file) or not self.memory.keep(target.device, target.inode):
            return
        if len(self.attached) >= _MOST_ATTACHED:
            self._refuse(Refusal(plan.path, plan.label, f"{_MOST_ATTACHED} files are attached already"))
            return
        made = self.objects.attach(plan._replace(path=f"/proc/self/fd/{file}"))
        missing = dict(made.refused)
        if missing.keys() >= {p.function for p in plan.probes if p.function in READS + WRITES}:
            self.objects.detach(made)
            self._refuse(
                Refusal(
                    plan.path,
                    plan.label,
                    "; ".join(sorted(set(missing.values()))),
                    "see `hexr-autoinst doctor`",
                )
            )
            return
        entry = {
            "library": plan.label, "path": plan.path, "rung": plan.rung, "probes": made.entries,
            "functions": [p.function for p in plan.probes if p.function not in missing],
            "unprobed": [{"function": f, "reason": why} for f, why in made.refused],
        }  # fmt: skip
        self.attached.append(entry)
        self.say({"event": "attached", **{k: entry[k] for k in ("library", "path", "rung", "probes")}})

    def _twin(self, target: Target, file: int) -> bool:
        """Whether this is an attached file under another overlay: a second probe on its inode would tell all twice."""
        if not overlaid(os.fstat(file).st_dev):
            return False
        found = os.fstat(file)
        mark = (found.st_ino, found.st_size, found.st_mtime_ns)
        seen = mark in self._overlaid
        self._overlaid.add(mark)
        if seen:
            self.memory.keep(target.device, target.inode)
        return seen

    def _refuse(self, refusal: Refusal) -> None:
        entry = {
            "library": refusal.label,
            "path": refusal.path,
            "reason": refusal.reason,
            "advice": refusal.advice,
        }
        if entry in self.refused:
            return
        self.refused = [*self.refused, entry][-_MOST_REFUSED:]
        self.say({"event": "refused", **entry})
