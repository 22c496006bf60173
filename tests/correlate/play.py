"""Scenarios as scripts: facts and exchanges in with `>>`, what was told out with `<<`."""

from dataclasses import replace

from hexr_autoinst.correlate import Correlate, Rules
from hexr_autoinst.model.exchange import Exchange, Headers, Request, Response
from hexr_autoinst.model.facts import (
    END_OF_TIME,
    Address,
    Closed,
    Conn,
    Exited,
    Handshake,
    Health,
    Key,
    Opened,
    Process,
    Tick,
)
from hexr_autoinst.model.operation import AgentCall, Effect, ModelCall, ToolCall, Usage
from hexr_autoinst.model.story import (
    CodeRun,
    Connection,
    Finding,
    Invocation,
    InvocationOpened,
    Placed,
    ToolRun,
    Uncounted,
)

S = 1_000_000_000
MS = 1_000_000
T0 = 1_700_000_000 * S
RULES = Rules(host="box", salt=b"salt", key=b"key")
KEY = Key(100, 5000)
END = Tick(END_OF_TIME)
HERE = Address("10.0.0.1", 40000)
THERE = Address("93.184.216.34", 443)
PROXY = Address("127.0.0.1", 7718)


def at(seconds):
    return T0 + round(seconds * S)


def process(seconds=0.0, key=KEY, *, args=("python3", "/srv/analyst.py"), exe="/usr/bin/python3.11", **more):
    return Process(at(seconds), "ebpf", key, more.pop("parent", None), exe, args, **more)


def exited(seconds, key=KEY, code=0, signal=None):
    return Exited(at(seconds), "ebpf", key, code, signal, 0)


def opened(seconds, conn=None, key=KEY, local=HERE, peer=THERE, connect_ns=3 * MS, **more):
    return Opened(
        at(seconds),
        "ebpf",
        conn or Conn(key, 7, 0),
        key,
        local,
        peer,
        more.pop("role", "client"),
        connect_ns,
        **more,
    )


def closed(seconds, conn=None, key=KEY):
    return Closed(at(seconds), "ebpf", conn or Conn(key, 7, 0), key)


def handshake(seconds, conn=None, key=KEY, duration_ns=20 * MS, outcome="ok", **agreed):
    return Handshake(
        at(seconds), "ebpf", conn or Conn(key, 0x7F00, 1), duration_ns, "client", outcome, "libssl", **agreed
    )


def health(seconds, conn=None, key=KEY):
    return Health(at(seconds), "ebpf", conn or Conn(key, 7, 0), 1500, 1000, 9000, 2)


def tick(seconds):
    return Tick(at(seconds))


def exchange(
    id_="x1", began=1.0, ended=2.0, *, key=KEY, source="ebpf", facts=3, body=b"{}", headers=(), **more
):
    request = Request(
        at(began), "POST", "https", more.pop("host", "api.example.com"), 443, "/v1/chat/completions",
        headers=Headers(tuple(headers)), body=body, size=len(body), ended=at(began),
    )  # fmt: skip
    conn = more.pop("conn", Conn(key, 0x7F00, 1) if key and source == "ebpf" else "c")
    return Exchange(
        id_, source, key, conn, more.pop("ordinal", 0), more.pop("role", "client"), request,
        Response(at(began) + MS, 200, ended=at(ended)), facts=facts, **more,
    )  # fmt: skip


def asked(ex):
    """As it stands when the request is whole."""
    return replace(ex, response=None, facts=0)


def call(tools=0, tokens=(10, 5), **more):
    return ModelCall(
        "chat", "chat", "openai", usage=Usage(*tokens), tool_calls=tuple(ToolCall(f"t{i}") for i in range(tools)), **more
    )  # fmt: skip


def talk(protocol="a2a", **more):
    """A call of an agent protocol: a message that is sent, or a tool that is called."""
    a2a = protocol == "a2a"
    method = more.pop("method", "SendMessage" if a2a else "tools/call")
    operation = more.pop("operation", "send" if a2a else "call" if method == "tools/call" else method)
    return AgentCall(protocol, method, operation, **more)


def effect(kind="tool", verb="invoke", **more):
    """Something done in the world."""
    return Effect(kind, verb, **more)


class Play:
    """`play >> fact` feeds, `play << [...]` compares everything told since with the short form of `said`."""

    def __init__(self, rules=RULES):
        self.room = Correlate(rules)
        self.told = []
        self.everything = []
        self.taken = 0

    def __rshift__(self, fact):
        if not isinstance(fact, Tick):
            self.taken += 1
        self._note(self.room.world(fact))
        return self

    def ask(self, ex, operation=None):
        self.room.asked(asked(ex), "hint", operation)
        return self

    def end(self, ex, operation=None):
        self.taken += ex.facts
        self._note(self.room.ended(ex, operation or call()))
        return self

    def exchange(self, ex, operation=None, thread=None):
        begun = operation if isinstance(operation, AgentCall | Effect) else thread
        return self.ask(ex, begun).end(ex, operation)

    def placed(self, id_, part=""):
        """The one span of this call."""
        (found,) = (p for p in self.all(Placed) if (p.exchange.id, p.exchange.part) == (id_, part))
        return found

    def root(self, name):
        """The one invocation of this agent."""
        (found,) = (r for r in self.all(Invocation) if r.agent.name == name)
        return found

    def __lshift__(self, expected):
        assert expected == self.said()
        return self

    def said(self):
        """What was told since the last look, in short; identities of processes are always `ignored`."""
        told, self.told = self.told, []
        return [s for t in told if (s := short(t))]

    def all(self, kind):
        return [t for t in self.everything if isinstance(t, kind)]

    def balance(self):
        spent = 0
        for told in self.everything:
            match told:
                case Placed():
                    spent += told.exchange.facts
                case Connection():
                    spent += told.facts
                case Uncounted():
                    spent += told.n
        return {"taken": self.taken, "spent": spent, "open": self.room.open_facts}

    def _note(self, told):
        self.told += told
        self.everything += told


def short(told):
    match told:
        case Uncounted(reason="process"):
            return ""
        case Uncounted():
            return f"ignored {told.n} {told.reason}"
        case InvocationOpened():
            return f"{'open' if told.change > 0 else 'undo'} {told.agent.name}"
        case Placed():
            part = f"/{told.exchange.part}" if told.exchange.part else ""
            return f"span {told.exchange.id}{part} of {told.agent.name}"
        case Invocation():
            return f"root {told.agent.name} {told.boundary}{' failed' if told.failed else ''}"
        case ToolRun():
            return f"tool {told.call.name}{'' if told.result else ' unanswered'}"
        case CodeRun():
            return f"ran {told.language}"
        case Finding():
            return f"found {told.kind}"
        case Connection():
            return f"{told.what} {told.agent.name}"
        case _:
            return "ambiguous"
