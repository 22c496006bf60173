"""What one exchange says and a later one needs: sessions and their versions, agents' cards, calls whose answer comes elsewhere.

Some protocols are no single exchange: MCP's older transport answers a POST on another connection, an A2A agent is named only in
the card that was fetched before. This is the run's memory of that: bounded, the oldest go first, and still pure.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any, Final

_MOST: Final = 4096


@dataclass(slots=True)
class Book:
    """A bounded table: what was used last stands last, the first goes when it is full."""

    most: int = _MOST
    rows: OrderedDict[Any, Any] = field(default_factory=OrderedDict)

    def put(self, key: Any, value: Any) -> None:
        """Remember."""
        self.rows[key] = value
        self.rows.move_to_end(key)
        if len(self.rows) > self.most:
            self.rows.popitem(last=False)

    def get(self, key: Any) -> Any:
        """What is remembered; None if nothing is."""
        if key in self.rows:
            self.rows.move_to_end(key)
        return self.rows.get(key)

    def take(self, key: Any) -> Any:
        """What is remembered, and no longer."""
        return self.rows.pop(key, None)


@dataclass(slots=True)
class Memory:
    """The tables of one run, by name: each protocol has its own."""

    books: dict[str, Book] = field(default_factory=dict)

    def book(self, name: str) -> Book:
        """The table of that name, empty at first."""
        found = self.books.get(name)
        if found is None:
            found = self.books[name] = Book()
        return found
