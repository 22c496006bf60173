"""What an exchange meant. Each module of `providers`, `protocols` and `effects` is a dissector, found by being there; their order means nothing."""

from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import Final

from hexr_autoinst.dissect import effects, protocols, providers
from hexr_autoinst.dissect.candidates import Candidates
from hexr_autoinst.dissect.claim import Dissector
from hexr_autoinst.dissect.vendor import Vendor
from hexr_autoinst.dissect.vendors import Vendors


def _modules(room: ModuleType) -> list[ModuleType]:
    names = sorted(found.name for found in iter_modules(room.__path__))
    return [import_module(f"{room.__name__}.{name}") for name in names]


_VENDORS: Final[tuple[Vendor, ...]] = tuple(module.VENDOR for module in _modules(providers))
# A protocol may take several files: the one that is its dissector says so.
PROTOCOLS: Final[tuple[Dissector, ...]] = tuple(
    module.PROTOCOL for module in _modules(protocols) if hasattr(module, "PROTOCOL")
)

EFFECTS: Final[tuple[Dissector, ...]] = tuple(
    module.EFFECT for module in _modules(effects) if hasattr(module, "EFFECT")
)

VENDORS: Final = Vendors(_VENDORS)
DISSECTORS: Final[tuple[Dissector, ...]] = (*_VENDORS, *PROTOCOLS, *EFFECTS)
REST: Final[Dissector] = next(e for e in EFFECTS if e.name == "tool")
CANDIDATES: Final = Candidates(VENDORS, (*_VENDORS, *PROTOCOLS), EFFECTS)
