"""Who has to be asked about an exchange: those whose claim cannot be told from its host, its method and the words of its path alone.

An index over all vendors, and no more than that: who is left out would have answered NO, or less than the host's owner. So a claim costs
what it must, however many vendors there are.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from hexr_autoinst.dissect.claim import Claim, Dissector
from hexr_autoinst.dissect.question import Question
from hexr_autoinst.dissect.vendor import LOOKED_AT, Vendor
from hexr_autoinst.dissect.vendors import Vendors

# What is no word in the pattern of a path: classes, the names of groups, what must not stand there.
_NO_WORD: Final = re.compile(r"\[[^\]]*\]|\(\?P<\w+>|\(\?<?!(?:[^()]|\([^()]*\))*\)")
# A word stands alone, in a pattern as in a path; an escape before it is none of its letters.
_WORD: Final = re.compile(r"%[0-9A-Fa-f]{2}|([A-Za-z]{4,})")


class Candidates:
    """The index of all dissectors. Those that are no vendors are always asked; those of effects unless a vendor is sure on a host of its own."""

    def __init__(
        self, vendors: Vendors, dissectors: Iterable[Dissector], effects: Iterable[Dissector] = ()
    ) -> None:
        """A path of some vendor's that has no word of four letters is a mistake: ValueError."""
        self._effects = tuple(effects)
        self._vendors = vendors
        self._others = tuple(d for d in dissectors if not isinstance(d, Vendor))
        self._loose = tuple(v for v in vendors if v.loose)
        self._by_word: dict[tuple[str, str], tuple[Vendor, ...]] = {}
        for vendor in vendors:
            for endpoint in vendor.elsewhere:
                for word in words(endpoint.path.pattern):
                    known = self._by_word.get((endpoint.method, word), ())
                    self._by_word[endpoint.method, word] = tuple(dict.fromkeys((*known, vendor)))

    def of(self, question: Question) -> tuple[Dissector, ...]:
        """The dissectors to ask, each once. On a host of its own a vendor that is sure has no rival among vendors."""
        owner = self._vendors.named(question.owner) if question.owner else None
        if owner is not None and owner.claim(question) is Claim.HOST:
            return (owner, *self._others)
        asked = {vendor.name: vendor for vendor in self._elsewhere(question)}
        if owner is None:
            asked.update((vendor.name, vendor) for vendor in self._loose)
        return (*asked.values(), *self._others, *self._effects)

    def _elsewhere(self, question: Question) -> Iterator[Vendor]:
        method = question.exchange.request.method
        for word in set(_WORD.findall(question.path[-LOOKED_AT:])):
            yield from self._by_word.get((method, word), ())


def words(pattern: str) -> tuple[str, ...]:
    """Words of which every path that the pattern matches has at least one; their order means nothing."""
    found = tuple({word for word in _WORD.findall(_NO_WORD.sub(" ", pattern)) if word})
    if not found:
        raise ValueError(f"no word in {pattern}")
    return found
