"""A run's facts with secrets and content removed, for `record --veiled`: what each room's veil leaves, in the order of the run."""

import shlex
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from itertools import islice
from typing import Final

from hexr_autoinst.correlate.rules import Rules
from hexr_autoinst.correlate.veil import MARK
from hexr_autoinst.correlate.veil import veiled as veiled_process
from hexr_autoinst.correlate.words import texts
from hexr_autoinst.dissect.claim import Keeping
from hexr_autoinst.dissect.veil import Kept, mark, veiled, veiled_frame
from hexr_autoinst.model.exchange import Asked, Ended, Exchange, Heard, Said
from hexr_autoinst.model.facts import Exchanged, Fact, Process, Source
from hexr_autoinst.model.sample import SHORTEST
from hexr_autoinst.wire import redact

_TEXTS: Final = 16  # of one argument that are told apart


@dataclass(slots=True)
class Veil:
    """One recording. `seal` is a key that nobody keeps: it tells equal bodies from others, and nothing else."""

    rules: Rules
    seal: bytes
    hand: Callable[[Fact], None]
    _open: dict[str, Kept | None] = field(default_factory=dict)

    def world(self, fact: Fact) -> None:
        """A fact about processes, connections, losses or time."""
        self.hand(self._process(fact) if isinstance(fact, Process) else fact)

    def heard(self, heard: Heard, source: Source, reading: Keeping | None) -> None:
        """What was heard; `reading` is that of an exchange that is open, None where nobody reads it."""
        match heard:
            case Asked(exchange=exchange):
                kept = reading.kept if reading else None
                self._open[exchange.id] = kept
                heard = replace(heard, exchange=self._exchange(exchange, kept))
            case Said(id=id_):
                if self._open.get(id_) is None or reading is None:
                    return  # the frames of an exchange that nobody reads, or of one from before
                # A listener that was not sure of its exchange may be so with this frame.
                frame = veiled_frame(heard.frame, reading.kept, reading.nested, self.seal)
                heard = replace(heard, frame=frame)
            case Ended(exchange=exchange):
                heard = replace(heard, exchange=self._exchange(exchange, self._open.pop(exchange.id, None)))
            case _:
                pass
        self.hand(Exchanged(heard.at, source, heard))

    def _exchange(self, exchange: Exchange, kept: Kept | None) -> Exchange:
        found, body = veiled(exchange, kept, self.seal), exchange.request.body
        seal = exchange.request.seal or blake2b(body, digest_size=16, key=self.seal).digest()
        return replace(found, request=replace(found.request, seal=seal if body else b""))

    def _words(self, arg: str) -> str:
        """What stands for an argument: which texts it shares with a tool's call (`correlate.words`) is still seen."""
        long = list(islice((t for t in texts(arg) if len(t) >= SHORTEST), _TEXTS))
        return shlex.join(mark(t, self.seal) for t in long) or MARK

    def _process(self, fact: Process) -> Process:
        least = veiled_process(self.rules, fact)
        return replace(
            least,
            args=tuple(
                redact.plain(a) if a != MARK else self._words(b)
                for a, b in zip(least.args, fact.args, strict=False)
            ),
            env={k: redact.plain(v) for k, v in least.env.items()},
        )
