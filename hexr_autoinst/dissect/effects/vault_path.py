"""A path of Vault's API, taken apart: the mount, what follows it, and what is done there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

Mounts = Mapping[str, tuple[str, str | None]]  # by path: the engine, the version of KV

_BY_METHOD: Final = {
    "GET": "get", "LIST": "list", "SCAN": "list", "POST": "put", "PUT": "put", "PATCH": "patch", "DELETE": "delete",
}  # fmt: skip
# Of tokens and leases, by the word behind their mount; a word goes on with a dash (`renew-self`, `revoke-prefix`).
_LIVES: Final = {"lookup": "lookup", "renew": "renew", "revoke": "revoke"}
# Of the transit engine, which is posted to.
_TRANSIT: Final = {
    "encrypt": "encrypt", "decrypt": "decrypt", "sign": "sign", "verify": "verify", "hmac": "sign", "rewrap": "encrypt",
    "datakey": "encrypt",
}  # fmt: skip
# Of KV's version 2, behind its mount.
_KV: Final = frozenset({"data", "metadata", "subkeys", "delete", "undelete", "destroy"})
_GONE: Final = frozenset({"delete", "destroy"})
_FIXED: Final = frozenset(
    {"sys", "identity", "cubbyhole"}
)  # engines that are mounted once, under their own names


@dataclass(frozen=True, slots=True)
class Place:
    """`plain`: the path, were the mount not one of KV's version 2, as `versioned` takes it to be. `engine`: where the wire shows it.

    `subject`: who logs in, where the path names him.
    """

    verb: str
    mount: str
    path: str
    plain: str = ""
    engine: str | None = None
    versioned: bool = False
    subject: str = ""


def is_login(parts: list[str]) -> bool:
    """Whether it is `auth/<mount>/login`, or that of a user."""
    return len(parts) >= 3 and parts[0] == "auth" and "login" in parts[2:4]


def place(method: str, parts: list[str], known: Mounts, body: Any) -> Place:
    """What is done where. `parts`: the path behind `/v1/`; `known`: mounts that were heard of."""
    verb = _BY_METHOD.get(method, "get")
    if parts[:1] == ["auth"]:
        return _auth(verb, parts)
    if parts[:1] == ["sys"]:
        return _sys(verb, parts)
    mount, rest, engine, version = _mounted(parts, known)
    plain = "/".join(rest)
    if rest[:1] and rest[0] in _TRANSIT and verb == "put" and engine in (None, "transit") and len(rest) > 1:
        return Place(_TRANSIT[rest[0]], mount, "/".join(rest[1:]), plain, engine or "transit")
    if (
        rest[:1]
        and rest[0] in _KV
        and version != "1"
        and engine in (None, "kv")
        and _writes_versions(verb, rest, body)
    ):
        return Place(_versioned(verb, rest[0]), mount, "/".join(rest[1:]), plain, "kv", versioned=True)
    return Place(verb, mount, plain, plain, engine)


def _mounted(parts: list[str], known: Mounts) -> tuple[str, list[str], str | None, str | None]:
    """The longest mount that is known; else the first part is one."""
    for size in range(len(parts), 0, -1):
        mount = "/".join(parts[:size])
        if mount in known:
            return mount, parts[size:], *known[mount]
    first = parts[0] if parts else ""
    return first, parts[1:], first if first in _FIXED else None, None


def _writes_versions(verb: str, rest: list[str], body: Any) -> bool:
    """Version 2 wants what is written in a member `data`."""
    return (
        verb not in ("put", "patch")
        or rest[0] != "data"
        or (isinstance(body, dict) and "data" in body)
        or body is None
    )


def _versioned(verb: str, word: str) -> str:
    if verb == "put" and word in _GONE:
        return "delete"
    return verb


def _auth(verb: str, parts: list[str]) -> Place:
    mount, rest = "/".join(parts[:2]), parts[2:]
    path = "/".join(rest)
    if is_login(parts):
        return Place("login", mount, "login", subject="/".join(rest).removeprefix("login").strip("/"))
    if parts[1:2] == ["token"] and rest:
        life = _LIVES.get(rest[0].partition("-")[0])
        return Place(life or verb, mount, rest[0] if life else path, engine="token")
    return Place(verb, mount, path)


def _sys(verb: str, parts: list[str]) -> Place:
    rest = parts[1:]
    leases = rest[1:] if rest[:1] == ["leases"] else rest
    life = _LIVES.get(leases[0].partition("-")[0]) if leases else None
    if life:
        return Place(life, "sys", "/".join(rest[: len(rest) - len(leases) + 1]), engine="system")
    return Place(verb, "sys", "/".join(rest), engine="system")
