"""The HTTP API of HashiCorp Vault and of OpenBao: what is read and written, less what only the engine wants to hear. Never a value.

A mount is one part of the path unless the wire says more: version 2 of KV has `data/` or `metadata/` behind it, and a command line asks
for the mount first (`sys/internal/ui/mounts/`). https://developer.hashicorp.com/vault/api-docs · https://openbao.org/api-docs/
"""

from dataclasses import replace
from typing import Final

from hexr_autoinst.dissect.claim import Claim, Listener, Reading
from hexr_autoinst.dissect.effects import vault_path
from hexr_autoinst.dissect.effects.quiet import Quiet
from hexr_autoinst.dissect.effects.reading import EffectReading, body, by_status, hashed, more
from hexr_autoinst.dissect.effects.said import pairs, segments
from hexr_autoinst.dissect.effects.vault_path import Place
from hexr_autoinst.dissect.lenient import integer, mapping, text
from hexr_autoinst.dissect.memory import Memory
from hexr_autoinst.dissect.question import Question
from hexr_autoinst.dissect.veil import MARK
from hexr_autoinst.model.exchange import Exchange, Request
from hexr_autoinst.model.operation import Effect

_ROOT: Final = "/v1/"
_FIELDS: Final = ("x-vault-token", "x-vault-request", "x-vault-namespace", "x-vault-wrap-ttl")
_METHODS: Final = frozenset({"GET", "LIST", "POST", "PUT", "PATCH", "DELETE", "SCAN"})
_MOUNTS: Final = "vault.mounts"
# Below `data` names and numbers are somebody's.
_KEPT: Final = ("/", "?list", "lease_duration", "auth.lease_duration", "mount_type", "x-vault-namespace:")
_MOUNTED: Final = ("/", "data.type", "data.path", "data.options.version", "x-vault-namespace:")
# What a client asks before it begins, and a probe asks for ever.
_QUIET: Final = ("health", "seal-status", "leader", "init", "internal")


class Vault:
    """The dissector."""

    name = "vault"

    def claim(self, question: Question) -> Claim:
        """Sure by a header field of its own; a login has none and shows itself by its path and its body."""
        exchange = question.exchange
        request = exchange.request
        if exchange.role == "server" or request.method not in _METHODS or not request.path.startswith(_ROOT):
            return Claim.NO
        if any(name in request.headers for name in _FIELDS):
            return Claim.HOST
        if vault_path.is_login(segments(request.path)[1:]) and request.method in ("POST", "PUT"):
            return Claim.PATH if isinstance(question.body, dict) else Claim.NO
        return Claim.PATH if _is_probe(request) else Claim.NO

    def open(self, question: Question, *, content: bool) -> Reading | Listener:  # noqa: ARG002 - nothing here is content
        """Begin to read."""
        request, memory = question.exchange.request, question.memory
        parts = segments(request.path)[1:]
        if parts[:1] == ["sys"] and parts[1:2] and parts[1] in _QUIET:
            return Mounts(question) if parts[1:4] == ["internal", "ui", "mounts"] else Quiet(_KEPT)
        listing = request.method == "LIST" or pairs(request.query).get("list") == "true"
        known = memory.book(_MOUNTS).get(_server(request))
        place = vault_path.place("LIST" if listing else request.method, parts, known or {}, question.body)
        effect = Effect(
            "vault",
            place.verb,
            facts=_facts(place, request),
            sealed=hashed("credential.subject", place.subject),
        )
        return EffectReading(effect, lambda e, ex: _answered(e, ex, place), _KEPT)


class Mounts(Quiet):
    """A client asks what is mounted where: nothing to tell, and worth remembering."""

    def __init__(self, question: Question) -> None:
        """`question`: the GET."""
        super().__init__(_MOUNTED)
        self._server = _server(question.exchange.request)
        self._memory: Memory = question.memory

    def close(self, exchange: Exchange) -> tuple[()]:
        """The mount is known by its whole path, its engine and its version."""
        said = mapping(body(exchange), "data")
        path, engine = text(said.get("path")), text(said.get("type"), 64)
        if path and engine:
            book = self._memory.book(_MOUNTS)
            mounts = dict(list((book.get(self._server) or {}).items())[-63:])
            mounts[path.strip("/")] = (engine, text(mapping(said, "options").get("version"), 8))
            book.put(self._server, mounts)
        return ()


def _server(request: Request) -> tuple[str, int, str]:
    return request.host.lower(), request.port, request.headers.get("x-vault-namespace")


def _is_probe(request: Request) -> bool:
    return request.method == "GET" and request.path in ("/v1/sys/health", "/v1/sys/seal-status")


def _facts(place: Place, request: Request) -> tuple[tuple[str, str], ...]:
    namespace = text(request.headers.get("x-vault-namespace").strip("/"))
    return tuple(
        (name, value)
        for name, value in (("vault.mount", place.mount), ("vault.namespace", namespace))
        if value
    )


def _answered(effect: Effect, exchange: Exchange, place: Place) -> Effect:
    """Whether it was KV's version 1 after all shows in the answer alone."""
    said = mapping(body(exchange))
    if place.versioned and effect.verb == "get" and _plain(said):
        place = replace(place, path=place.plain, versioned=False, engine=None)
    engine = text(said.get("mount_type"), 64) or place.engine
    lease = integer(said.get("lease_duration")) or integer(mapping(said, "auth").get("lease_duration"))
    found = more(effect, vault__path=place.path or None, vault__engine=engine, vault__lease=lease or None)
    return replace(found, failure=by_status(exchange))


def _plain(said: dict[str, object]) -> bool:
    """A secret of version 1: no metadata stands beside its data."""
    data = said.get("data")
    if isinstance(data, dict) and any(name.startswith(MARK) for name in data):
        return False  # its names were taken out of a recording
    return (
        isinstance(data, dict)
        and bool(data)
        and not {"data", "metadata"} <= data.keys()
        and "keys" not in data
        and "versions" not in data
    )


EFFECT = Vault()
