"""Against mitmproxy's own commands and events. Whole exchanges through it are in tests/e2e/test_proxy.py."""

from collections import Counter
from types import SimpleNamespace

import pytest

pytest.importorskip("mitmproxy", reason="mitmproxy's environment is not here (HEXR_PROXY_PYTHON names it)")

from mitmproxy import exceptions
from mitmproxy.proxy import commands, events
from mitmproxy.proxy.layers.http import HttpRequestHook, HttpResponseHook

from proxy_addons import quick

FLOW = SimpleNamespace(name="flow")


class Layer:
    """Asks one hook, then wants a log line written; heard of the hook's end, another."""

    context = "context"

    def __init__(self, hook):
        self.hook = hook

    def handle_event(self, event):
        if isinstance(event, events.HookCompleted):
            yield commands.Log(f"after {event.command.name}")
        else:
            yield self.hook
            yield commands.Log("beside it")


def top(hook, *addons, counts=None):
    return quick.Top(Layer(hook), quick.Hooks(addons, counts if counts is not None else Counter()))


def carried_out(found):
    return [c.message if isinstance(c, commands.Log) else c.name for c in found.handle_event(events.Start())]


class Hears:
    def __init__(self, said, name, error=None):
        self.said, self.name, self.error = said, name, error

    def request(self, flow):
        self.said.append((self.name, flow))
        if self.error:
            raise self.error


def test_all_are_called_in_their_order_and_the_exchange_goes_on_at_once():
    said = []

    assert ["beside it", "after request"] == carried_out(
        top(HttpRequestHook(FLOW), Hears(said, 1), object(), Hears(said, 2))
    )
    assert [(1, FLOW), (2, FLOW)] == said


def test_an_error_is_counted_and_costs_one_addon_its_say():
    said, counts = [], Counter()
    found = top(HttpRequestHook(FLOW), Hears(said, 1, ValueError()), Hears(said, 2), counts=counts)

    assert ["beside it", "after request"] == carried_out(found)
    assert [1, 2] == [name for name, _ in said]
    assert {quick.ERRORS: 1} == counts


def test_who_halts_is_the_last_to_hear():
    said = []
    carried_out(top(HttpRequestHook(FLOW), Hears(said, 1, exceptions.AddonHalt()), Hears(said, 2)))

    assert [1] == [name for name, _ in said]


def test_a_hook_that_nobody_hears_holds_nobody_up():
    assert ["beside it", "after response"] == carried_out(top(HttpResponseHook(FLOW), Hears([], 1)))


def test_a_hook_that_someone_waits_in_is_left_to_mitmproxy():
    class Waits:
        async def request(self, flow):
            """Never called here."""

    said = []

    assert ["request", "beside it"] == carried_out(top(HttpRequestHook(FLOW), Hears(said, 1), Waits()))
    assert [] == said


def test_a_layers_context_is_still_to_be_had():
    assert top(HttpRequestHook(FLOW)).context == "context"


class Sends:
    context = None

    def __init__(self, *found):
        self.found = found

    def handle_event(self, event):
        yield from self.found


def test_what_goes_to_one_connection_in_a_row_is_one_write_and_the_order_stays():
    one, two = SimpleNamespace(), SimpleNamespace()
    send, log = commands.SendData, commands.Log
    layer = Sends(
        send(one, b"head"), send(one, b"body"), send(two, b"x"), log("l"), send(two, b"y"), send(two, b"z")
    )
    found = quick.Top(layer, quick.Hooks([], Counter())).handle_event(events.Start())

    assert [(one, b"headbody"), (two, b"x"), "l", (two, b"yz")] == [
        c.message if isinstance(c, log) else (c.connection, c.data) for c in found
    ]
