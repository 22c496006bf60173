"""What an exchange meant. Each module of `providers` is a dissector, found by being there; their order means nothing."""

from importlib import import_module
from pkgutil import iter_modules
from typing import Final

from hexr_autoinst.dissect import providers
from hexr_autoinst.dissect.candidates import Candidates
from hexr_autoinst.dissect.claim import Dissector
from hexr_autoinst.dissect.vendor import Vendor
from hexr_autoinst.dissect.vendors import Vendors

_MODULES: Final = sorted(found.name for found in iter_modules(providers.__path__))
_VENDORS: Final[tuple[Vendor, ...]] = tuple(
    import_module(f"{providers.__name__}.{name}").VENDOR for name in _MODULES
)

VENDORS: Final = Vendors(_VENDORS)
DISSECTORS: Final[tuple[Dissector, ...]] = _VENDORS
CANDIDATES: Final = Candidates(VENDORS, DISSECTORS)
