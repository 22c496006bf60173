"""What the operations of one invocation add up to. A tool that was asked for and the MCP call that did it are one tool call."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from hexr_autoinst.model.operation import AgentCall, Effect, ModelCall, Operation

TOOL_CALL: Final = "tools/call"
_NAMES: Final = 1024  # different tools of one invocation; of others there is no telling whether they are one


@dataclass(slots=True)
class Totals:
    """Sums over all operations that were told. `told` counts them, of whatever kind."""

    told: int = 0
    model_calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    conversation: str | None = None
    _cost: float = 0.0
    _unpriced: bool = False  # some call used tokens that nobody could price: a sum without it would be a lie
    _asked: Counter[str] = field(default_factory=Counter)
    _called: Counter[str] = field(default_factory=Counter)
    _met: Counter[str] = field(default_factory=Counter)

    def add(self, operation: Operation, *, serves: bool = False, within: str | None = None) -> None:
        """One more. `serves`: it was done for another, and is that one's tool call. What a tool does in the world is no tool call more.

        `within`: it is what a tool of this name does that was asked for; "": not the first that does.
        What is only counted is nothing that an invocation is made of.
        """
        self.told += not (isinstance(operation, Effect) and operation.counted)
        if isinstance(operation, Effect):
            return
        self.conversation = operation.conversation or self.conversation
        if isinstance(operation, ModelCall):
            self._model(operation)
        elif operation.method == TOOL_CALL and within is not None:
            self._met[within] += bool(within)
        elif operation.method == TOOL_CALL and not serves:
            _count(self._called, operation.target or "")

    @property
    def tool_calls(self) -> int:
        """Tools asked for by models and tools called, what is both counted once."""
        asked = self._asked - self._met
        met = sum(_take(asked, name, n) for name, n in self._called.items())
        return self._asked.total() + self._called.total() - met

    @property
    def cost_usd(self) -> float | None:
        """What all of them cost; None where the price of some is unknown."""
        return None if self._unpriced or not self._cost else round(self._cost, 10)

    def _model(self, call: ModelCall) -> None:
        self.model_calls += 1
        for tool in call.tool_calls:
            _count(self._asked, tool.name)
        self.input_tokens += call.usage.input or 0
        self.output_tokens += call.usage.output or 0
        self._cost += call.cost_usd or 0.0
        self._unpriced |= call.cost_usd is None and bool(call.usage.input or call.usage.output)


def doing(call: AgentCall) -> bool:
    """Whether its receiver does something for the sender, who waits for it: what a process calls meanwhile may be a part of that."""
    return call.operation == "send" if call.protocol == "a2a" else call.method in _DOING


# Listing, subscribing and polling start nothing, and a subscription may be open for hours.
_DOING: Final = frozenset(
    {TOOL_CALL, "prompts/get", "resources/read", "completion/complete", "sampling/createMessage"}
)


def invokes(call: AgentCall) -> bool:
    """Whether an agent that receives it is invoked by it."""
    return call.operation == "send" if call.protocol == "a2a" else call.method == TOOL_CALL


def _count(names: Counter[str], name: str) -> None:
    names[name if name in names or len(names) < _NAMES else ""] += 1


def _take(asked: Counter[str], name: str, wanted: int) -> int:
    """How many of these calls had been asked for. Clients prefix a tool's name with its server's: `mcp__files__read`."""
    met = 0
    for candidate in [name, *(n for n in asked if name and prefixed(n, name))] if name else ():
        found = min(asked[candidate], wanted - met)
        asked[candidate] -= found
        met += found
    return met


def prefixed(asked: str, name: str) -> bool:
    """Whether a tool was asked for by this name behind its server's: `mcp__files__read`."""
    return len(asked) > len(name) and asked.endswith(name) and not asked[-len(name) - 1].isalnum()
