"""What a call costs by its vendor's list, as the installed price library knows it. Unknown models cost nothing that could be said.

The library (genai-prices, data inside the package: nothing is fetched) takes half a second to load and a third of a
millisecond for each question. So it is loaded beside the work, once a model is met, and asked for rates, not for every call:
between the lengths of input at which its tiers begin a list is linear in the tokens, which is tried out; where one is not, each
call is asked for.
"""

import threading
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from itertools import pairwise
from typing import Final

from hexr_autoinst.model.operation import ModelCall, Usage

# The convention's provider → the library's. A provider that is spelled alike in both needs no row.
_PROVIDERS: Final = {
    "azure.ai.openai": "azure",
    "azure.ai.inference": "azure",
    "aws.bedrock": "aws",
    "gcp.gemini": "google",
    "gcp.vertex_ai": "google",
    "gcp.gen_ai": "google",
    "mistral_ai": "mistral",
    "x_ai": "x-ai",
    "together_ai": "together",
    "moonshot_ai": "moonshotai",
    "zhipu_ai": "zai",
    "voyage": "voyageai",
    "voyage_ai": "voyageai",
}
_MILLION: Final = 1_000_000
_QUARTER_HOUR: Final = 900  # seconds; some lists change with the hour of the day
_DIGITS: Final = 10

# Counts of fresh input, cache read, cache write, output.
Counts = tuple[int, int, int, int]

Ask = Callable[[Counts], float | None]


@dataclass(frozen=True, slots=True)
class _Rates:
    """US dollars for one token of each count; or, where the list is not linear, whom to ask."""

    each: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    ask: Ask | None = None

    def cost(self, counts: Counts) -> float | None:
        if self.ask is not None:
            return self.ask(counts)
        return sum(rate * n for rate, n in zip(self.each, counts, strict=True))


@dataclass(frozen=True, slots=True)
class _List:
    """A model's list: its rates up to each of these counts of input, fresh and cached, and beyond the last."""

    tiers: tuple[int, ...]
    rates: tuple[_Rates, ...]

    def cost(self, counts: Counts) -> float | None:
        return self.rates[bisect_left(self.tiers, counts[0] + counts[1] + counts[2])].cost(counts)


class Prices:
    """Answers what a call costs, in US dollars."""

    def __init__(self) -> None:
        """Nothing is loaded yet."""
        self._loading: threading.Thread | None = None
        self._lists = lru_cache(maxsize=1024)(_list)
        self._windows = lru_cache(maxsize=1024)(_window)

    def warm(self) -> None:
        """A model call has begun: load the library meanwhile."""
        if self._loading is None:
            self._loading = threading.Thread(target=_load, name="prices", daemon=True)
            self._loading.start()

    def priced(self, call: ModelCall, at: int) -> ModelCall:
        """The call, made at `at` (ns, epoch), with what it has cost and what its model's context holds, where the list knows."""
        cost, window = self.cost(call, at), self.window(call)
        return replace(call, cost_usd=cost, window=window) if cost is not None or window else call

    def cost(self, call: ModelCall, at: int) -> float | None:
        """The price of a call made at `at` (ns, epoch); None where the model, or what it used, is not known."""
        counts, model = _counts(call.usage), call.response_model or call.request_model
        if counts is None or model is None or call.inferred:
            return None
        self._loaded()
        provider, quarter = _PROVIDERS.get(call.provider, call.provider), at // 1_000_000_000 // _QUARTER_HOUR
        for name in dict.fromkeys((model, call.request_model)):
            listed = self._lists(provider, name, quarter) if name else None
            found = listed.cost(counts) if listed else None
            if found is not None:
                return round(found, _DIGITS)
        return None

    def window(self, call: ModelCall) -> int | None:
        """How many tokens the context of a call's model holds; None where the list does not say."""
        if call.usage.input is None or call.inferred:
            return None
        self._loaded()
        provider = _PROVIDERS.get(call.provider, call.provider)
        names = (n for n in dict.fromkeys((call.response_model, call.request_model)) if n)
        return next((found for name in names if (found := self._windows(provider, name))), None)

    def _loaded(self) -> None:
        self.warm()
        if self._loading is not None:
            self._loading.join()


def _window(provider: str, model: str) -> int | None:
    from genai_prices.data_snapshot import get_snapshot

    try:
        _, found = get_snapshot().find_provider_model(model, None, provider, None)
    except (LookupError, ValueError):  # not in the list
        return None
    return found.context_window


def _load() -> None:
    from genai_prices.data_snapshot import get_snapshot

    get_snapshot()


def _counts(usage: Usage) -> Counts | None:
    """The parts of the usage that are priced apart. Cached input is part of the input."""
    if usage.input is None and usage.output is None:
        return None
    read, write = usage.cache_read or 0, usage.cache_write or 0
    return max(0, (usage.input or 0) - read - write), read, write, usage.output or 0


def _list(provider: str, model: str, quarter: int) -> _List | None:
    """The list of a model at that time; None where the library does not know it."""
    when = datetime.fromtimestamp(quarter * _QUARTER_HOUR, UTC)
    tiers, ask = _tiers(provider, model, when), _asker(provider, model, when)
    if tiers is None:
        return None
    edges = (0, *tiers, max(_MILLION, 2 * max(tiers, default=0)))
    return _List(tiers, tuple([_rates(ask, low + 1, high) for low, high in pairwise(edges)]))


def _rates(ask: Ask, low: int, high: int) -> _Rates:
    """The rates where the input has from `low` to `high` tokens, if they hold all through."""
    fresh, read, write, both = (
        ask(counts) for counts in ((high, 0, 0, 0), (0, high, 0, 0), (0, 0, high, 0), (high, 0, 0, high))
    )
    if fresh is None or read is None or write is None or both is None:
        return _Rates(ask=ask)
    linear = _Rates((fresh / high, read / high, write / high, (both - fresh) / high))
    third, middle = high // 3, (low + high) // 2
    proof = ((low, 0, 0, 100), (middle, 0, 0, 3000), (high - 2 * third, third, third, 60_000))
    return linear if all(_alike(linear.cost(counts), ask(counts)) for counts in proof) else _Rates(ask=ask)


def _alike(one: float | None, other: float | None) -> bool:
    return one is not None and other is not None and abs(one - other) <= 1e-9 * max(1.0, abs(one))


def _tiers(provider: str, model: str, when: datetime) -> tuple[int, ...] | None:
    """The counts of input beyond which the library's list says something else; None where it does not know the model."""
    from genai_prices import Usage as Used
    from genai_prices import calc_price
    from genai_prices.types import TieredPrices

    try:
        said = calc_price(Used(), model_ref=model, provider_id=provider, genai_request_timestamp=when)
    except (LookupError, ValueError):  # not in the list
        return None
    tiered = [price for price in vars(said.model_price).values() if isinstance(price, TieredPrices)]
    return tuple(sorted({tier.start for price in tiered for tier in price.tiers}))


def _asker(provider: str, model: str, when: datetime) -> Ask:
    from genai_prices import Usage as Used
    from genai_prices import calc_price

    def ask(counts: Counts) -> float | None:
        fresh, read, write, output = counts
        used = Used(
            input_tokens=fresh + read + write,
            cache_read_tokens=read,
            cache_write_tokens=write,
            output_tokens=output,
        )
        try:
            found = calc_price(used, model_ref=model, provider_id=provider, genai_request_timestamp=when)
        except (LookupError, ValueError):  # not in the list, or a list that cannot price this
            return None
        return float(found.total_price)

    return ask
