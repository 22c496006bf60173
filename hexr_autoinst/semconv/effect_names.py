"""Every word of the spans of effects; what any span says is spelled in `names`. This file does nothing.

The first key of a fact is the observability contract's own where it has one; those of databases and of HTTP are the registry's.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from hexr_autoinst.semconv import names

# By the kind of an effect; the verb takes the place.
SPANS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "tool": "hexr.tool.{}",
        "credential": "hexr.credential.{}",
        "vault": "hexr.vault.{}",
        "cache": "hexr.cache.{}",
        "browser": "hexr.browser.{}",
        "sandbox": "hexr.sandbox.{}",
        "guard": "hexr.guard.{}",
    }
)
# What a dissector says: its neutral name → the keys.
FACTS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        # of a tool
        "region": ("region",),
        "cache.tier": ("cache_tier",),
        "action": ("rpc.method",),
        "http.method": ("http.request.method",),
        # of a credential
        "provider": ("provider",),
        "spiffe.id": ("spiffe_id",),
        "credential.operation": ("hexr.credential.operation",),  # the vendor's name for it, or the grant
        "credential.role": ("hexr.credential.role",),
        "credential.scope": ("hexr.credential.scope",),
        "credential.audience": ("hexr.credential.audience",),
        "credential.expires": ("hexr.credential.expires_in_s",),
        "credential.subject": ("hexr.credential.subject_hash",),
        # of a vault
        "vault.path": ("path",),
        "vault.mount": ("hexr.vault.mount",),
        "vault.engine": ("hexr.vault.engine",),
        "vault.lease": ("hexr.vault.lease_s",),
        "vault.namespace": ("hexr.vault.namespace",),
        # of a cache
        "tier": ("tier",),
        "hit": ("hit",),
        "cache.hits": ("hexr.cache.hit_count",),
        "cache.keys": ("hexr.cache.key_count",),
        "cache.key": ("hexr.cache.key_hashes",),
        "db.system": ("db.system.name",),
        "db.operation": ("db.operation.name",),
        "db.namespace": ("db.namespace",),
        "db.status": ("db.response.status_code",),
        # of a browser, a sandbox, a guard
        "url": ("url",),
        "actions": ("actions_count",),
        "browser.protocol": ("hexr.browser.protocol",),
        "browser.name": ("hexr.browser.name",),
        "browser.failed": ("hexr.browser.failed_actions",),
        "language": ("language",),
        "timeout": ("timeout",),
        "exit.code": ("exit_code",),
        "guard.what": ("scan_type",),
        "guard.valid": ("is_valid",),
        "guard.scanners": (names.GUARD_SCANNERS,),
        "guard.scores": ("hexr.guard.scores",),  # in the order of the scanners, in the guard's own measure
        "guard.hits": ("hexr.guard.blocking_scanners",),
    }
)
SERVICE: Final = "service"
TENANT: Final = "tenant"
DURATION: Final = "duration_ms"
TOOL_TYPE: Final = "gen_ai.tool.type"
EXTENSION: Final = "extension"  # run on the agent's side, to call somebody's API
