"""What an exchange costs mitmproxy beyond its own work, saved: a task for each hook, a system call for each piece of a message.

mitmproxy makes a task for every hook, walks its addons anew, and takes the exchange up again when the
loop comes by. Here a hook is called where it stands, if all that hear it are plain functions; so head and
body follow each other at once, and what goes to one socket in a row is written as one. What mitmproxy
would do is kept: the order of addons, that an error costs one addon its say and no flow, and that the
commands beside a hook are carried out before its answer is heard.
"""

import inspect
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from mitmproxy import exceptions
from mitmproxy.proxy import commands, events

Hearers = tuple[Callable[[Any], Any], ...]
# The counter of what a hook of any addon raised.
ERRORS: Final = "hook_errors"


class Hooks:
    """Who hears which hook; looked up once for each name, for no addon comes or goes after the start."""

    def __init__(self, addons: Iterable[Any], counts: Counter[str]) -> None:
        """`addons` in their order, those that hang below one right after it."""
        self._addons = list(addons)
        self._counts = counts
        self._known: dict[str, Hearers | None] = {}

    def plain(self, name: str) -> Hearers | None:
        """The functions that hear this hook; None where one of them is a coroutine."""
        if name not in self._known:
            found = tuple(f for addon in self._addons if callable(f := getattr(addon, name, None)))
            waits = any(inspect.iscoroutinefunction(f) for f in found)
            self._known[name] = None if waits else found
        return self._known[name]

    def call(self, hearers: Hearers, hook: commands.StartHook) -> None:
        """Each in turn; law 9: what one raises is counted, and the next is called."""
        if not hearers:
            return
        (data,) = hook.args()
        for hear in hearers:
            try:
                hear(data)
            except exceptions.AddonHalt:
                return
            except Exception:  # noqa: BLE001 - see above
                self._counts[ERRORS] += 1


class Top:
    """In the place of a connection's outermost layer: answers what can be answered at once, and passes the rest on."""

    def __init__(self, layer: Any, hooks: Hooks) -> None:
        """`layer` is what mitmproxy made."""
        self.context = layer.context
        self._layer = layer
        self._hooks = hooks

    def handle_event(self, event: events.Event) -> Iterator[commands.Command]:
        """The commands that an event leads to; what goes to one connection in a row goes as one."""
        conn: Any = None
        data: list[bytes] = []
        for command in self._carried(event):
            sends = isinstance(command, commands.SendData)
            if data and not (sends and command.connection is conn):
                yield commands.SendData(conn, b"".join(data))
                data = []
            if sends:
                conn = command.connection
                data.append(command.data)
            else:
                yield command
        if data:
            yield commands.SendData(conn, b"".join(data))

    def _carried(self, event: events.Event) -> Iterator[commands.Command]:
        due = deque([event])
        while due:
            for command in self._layer.handle_event(due.popleft()):
                hearers = self._hooks.plain(command.name) if isinstance(command, commands.StartHook) else None
                if hearers is None:
                    yield command
                    continue
                self._hooks.call(hearers, command)
                if command.blocking:
                    due.append(events.HookCompleted(command))
