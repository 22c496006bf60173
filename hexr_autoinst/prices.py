"""What a call costs by its vendor's list, as the installed price library knows it. Unknown models cost nothing that could be said.

The library (genai-prices, data inside the package: nothing is fetched) takes half a second to load and a third of a
millisecond for each question. So it is loaded beside the work, once a model is met, and asked for rates, not for every call:
most lists are linear in the tokens, which is tried out; where one is not (tiers by length), each call is asked for.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
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

# Counts of fresh input, cache read, cache write, output: what a rate is asked for, and what proves it linear.
Counts = tuple[int, int, int, int]
_BASE: Final[tuple[Counts, ...]] = (
    (_MILLION, 0, 0, 0),
    (0, _MILLION, 0, 0),
    (0, 0, _MILLION, 0),
    (0, 0, 0, _MILLION),
)
_PROOF: Final[tuple[Counts, ...]] = (
    (1000, 0, 0, 100),
    (90_000, 50_000, 10_000, 3000),
    (700_000, 300_000, 90_000, 60_000),
)

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


class Prices:
    """Answers what a call costs, in US dollars."""

    def __init__(self) -> None:
        """Nothing is loaded yet."""
        self._loading: threading.Thread | None = None
        self._rates = lru_cache(maxsize=1024)(_rates)
        self._windows = lru_cache(maxsize=1024)(_window)

    def warm(self) -> None:
        """A model call has begun: load the library meanwhile."""
        if self._loading is None:
            self._loading = threading.Thread(target=_load, name="prices", daemon=True)
            self._loading.start()

    def cost(self, call: ModelCall, at: int) -> float | None:
        """The price of a call made at `at` (ns, epoch); None where the model, or what it used, is not known."""
        counts, model = _counts(call.usage), call.response_model or call.request_model
        if counts is None or model is None or call.inferred:
            return None
        self._loaded()
        provider, quarter = _PROVIDERS.get(call.provider, call.provider), at // 1_000_000_000 // _QUARTER_HOUR
        for name in dict.fromkeys((model, call.request_model)):
            rates = self._rates(provider, name, quarter) if name else None
            found = rates.cost(counts) if rates else None
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


def _rates(provider: str, model: str, quarter: int) -> _Rates | None:
    """The rates of a model at that time; None where the library does not know it."""
    ask = _asker(provider, model, datetime.fromtimestamp(quarter * _QUARTER_HOUR, UTC))
    base = [ask(counts) for counts in _BASE]
    known = [cost / _MILLION for cost in base if cost is not None]
    if len(known) < len(_BASE):
        return None
    linear = _Rates((known[0], known[1], known[2], known[3]))
    proved = all(_alike(linear.cost(counts), ask(counts)) for counts in _PROOF)
    return linear if proved else _Rates(ask=ask)


def _alike(one: float | None, other: float | None) -> bool:
    return one is not None and other is not None and abs(one - other) <= 1e-9 * max(1.0, abs(one))


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
