"""What joins the two ends of a call belongs to the first that carried it: who sends the same message again is another attempt. Nothing else."""

from collections import OrderedDict
from typing import Final

from hexr_autoinst.correlate.standing import First, Standing

REMEMBERED: Final = 16_384


class Firsts:
    """The first call of each key, of senders and of receivers."""

    def __init__(self) -> None:
        """None yet."""
        self._firsts: OrderedDict[tuple[str, bool], First] = OrderedDict()

    def __len__(self) -> int:
        """How many are remembered."""
        return len(self._firsts)

    def seen(self, key: str, *, serves: bool) -> First | None:
        """The first call with this key at such an end."""
        return self._firsts.get((key, serves))

    def own(self, standing: Standing) -> None:
        """This is the first."""
        self._firsts[standing.key, standing.serves] = First(standing)
        if len(self._firsts) > REMEMBERED:
            self._firsts.popitem(last=False)

    def told(self, standing: Standing) -> None:
        """Its span is known now, and need not be asked of it."""
        first = self._mine(standing)
        if first is not None:
            first.told, first.standing = standing.spot, None

    def forget(self, standing: Standing) -> None:
        """It came to nothing: the next is the first."""
        if self._mine(standing) is not None:
            del self._firsts[standing.key, standing.serves]

    def _mine(self, standing: Standing) -> First | None:
        first = self._firsts.get((standing.key, standing.serves)) if standing.key else None
        return first if first is not None and first.standing is standing else None
