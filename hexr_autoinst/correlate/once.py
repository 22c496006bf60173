"""What an answer used is told once, however often it is looked at: a response that ran in the background is polled until it is there, and may be read again.

Dissect sees one exchange at a time; here is the memory over all of them. An id that was forgotten (the oldest first) is told again.
"""

from collections import OrderedDict
from dataclasses import replace
from typing import Final

from hexr_autoinst.model.operation import ModelCall, Operation, Usage

REMEMBERED: Final = 16_384  # answers and tool calls; some 2 MiB of ids

_Key = tuple[str, str, str]


class Once:
    """The answers whose usage was told, and the tool calls that they have asked for."""

    def __init__(self) -> None:
        """Nothing was told yet."""
        self._told: OrderedDict[_Key, None] = OrderedDict()

    def __len__(self) -> int:
        """How many are remembered."""
        return len(self._told)

    def tell(self, operation: Operation) -> Operation:
        """The operation as it is to be told: of one that was fetched, without what has been told already."""
        if not isinstance(operation, ModelCall) or not operation.response_id:
            return operation
        used = ("usage", operation.provider, operation.response_id)
        if operation.fetched:
            if used in self._told:
                operation = replace(operation, usage=Usage(), cost_usd=None)
            fresh = (t for t in operation.tool_calls if not t.id or _call(operation, t.id) not in self._told)
            operation = replace(operation, tool_calls=tuple(fresh))
        if operation.usage != Usage():
            self._keep(used)
        for call in operation.tool_calls:
            if call.id:
                self._keep(_call(operation, call.id))
        return operation

    def _keep(self, key: _Key) -> None:
        self._told[key] = None
        self._told.move_to_end(key)
        if len(self._told) > REMEMBERED:
            self._told.popitem(last=False)


def _call(operation: ModelCall, id_: str) -> _Key:
    return ("call", operation.provider, id_)
