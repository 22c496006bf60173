"""One frozen Config, read once: command line over environment over file over default.

Every key can stand in /etc/hexr-autoinst/config.toml under its own name, in the environment as
HEXR_<UPPER>, and on the command line where the verb has a flag for it. An unknown key or a value
of the wrong kind is a ConfigError that names the key, the place and what is expected.
"""

import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

from hexr_autoinst.config_bounds import check
from hexr_autoinst.errors import ConfigError
from hexr_autoinst.model.story import FINDINGS

CONFIG_FILE: Final = Path("/etc/hexr-autoinst/config.toml")
_RULE_KINDS: Final = ("cgroup", "pid", "user", "exe")
_TRUE: Final = frozenset({"1", "true", "yes", "on"})
_FALSE: Final = frozenset({"0", "false", "no", "off"})
_CONTENT_ON: Final = frozenset({"true", "span_only", "span_and_event"})


class Rule(NamedTuple):
    """One `--only` or `--not`: kind is cgroup (path), pid (number), user (name or uid) or exe (glob)."""

    kind: str
    value: str

    @classmethod
    def parse(cls, text: str) -> "Rule":
        """`exe:/usr/bin/python3*` and the like; ConfigError says which kinds there are."""
        kind, _, value = text.partition(":")
        if kind not in _RULE_KINDS or not value:
            kinds = ", ".join(f"{k}:…" for k in _RULE_KINDS)
            raise ConfigError(detail=f"`{text}` is no filter; write one of {kinds}")
        if kind == "pid" and not value.isdecimal():
            raise ConfigError(detail=f"`{text}`: a pid is a number")
        return cls(kind, value)

    def __str__(self) -> str:
        """As it was written."""
        return f"{self.kind}:{self.value}"


class AgentRule(NamedTuple):
    """`[[agents]]` of the file: every given matcher must hold; then name, tenant and framework apply.

    `exe` and `argument` are globs (the executable's path; any one argument), `user` and `cgroup` (prefix) literal.
    """

    name: str = ""
    tenant: str = ""
    framework: str = ""
    exe: str = ""
    argument: str = ""
    user: str = ""
    cgroup: str = ""


def _key(default: Any, help_: str) -> Any:
    return field(default=default, metadata={"help": help_})


@dataclass(frozen=True, slots=True)
class Config:
    """The whole configuration. Field names are the keys; each field's metadata holds its help line."""

    only: tuple[Rule, ...] = _key((), "watch only these processes and their children; repeatable")
    not_: tuple[Rule, ...] = _key((), "never watch these processes; wins over `only`")
    door: Literal["both", "ebpf", "proxy"] = _key("both", "which planes run")
    loader: Literal["auto", "libbpf", "bcc"] = _key(
        "auto", "what loads the kernel plane: libbpf, or bcc for kernels without BTF"
    )
    content: bool = _key(False, "keep prompts, completions and tool arguments (off by default)")
    span_names: Literal["hexr", "semconv"] = _key("hexr", "span names of hexr or of the convention")
    prices: bool = _key(
        True, "tell what a call costs, by the vendors' price lists that come with the program"
    )
    agents: tuple[AgentRule, ...] = _key((), "rules that name agents")
    findings: tuple[str, ...] = _key(
        FINDINGS,
        "what of the health of an agent's work is noticed (loop, retry_storm, cache_miss, context_full); `none` for nothing",
    )
    turn_silence: float = _key(60.0, "seconds of silence that close a turn")
    page_host: str = _key("127.0.0.1", "address of the page (loopback only)")
    page_port: int = _key(7717, "port of the page")
    proxy_port: int = _key(7718, "port of the proxy (127.0.0.1)")
    metrics_port: int = _key(9464, "port of the Prometheus endpoint (127.0.0.1)")
    otlp_endpoint: str = _key("", "OTLP endpoint; OTEL_EXPORTER_OTLP_ENDPOINT does the same")
    otlp_protocol: Literal["http/protobuf", "grpc"] = _key("http/protobuf", "OTLP protocol")
    state_dir: str = _key("/var/lib/hexr-autoinst", "store, certificate authority, trust bundle")
    run_dir: str = _key("/run/hexr-autoinst", "control and facts sockets")
    store_max_mb: int = _key(512, "size of the embedded store in megabytes; the oldest go first")
    store_max_days: float = _key(7.0, "age of the oldest trace kept in the embedded store, in days")
    ring_mb: int = _key(32, "size of the data ring buffer in megabytes (a power of two)")
    cleartext: bool = _key(
        True,
        "read what is said without TLS too: sockets, unix sockets, pipes between a process and its child",
    )
    bpf_stats: bool = _key(
        False,
        "count the runs and the time of our kernel programs (the kernel then times every BPF program of the host)",
    )
    label_cap: int = _key(200, "values of one metric label before the rest are told as `other`")
    body_limit: int = _key(
        4 << 20, "bytes of one decoded body that are kept as they came; beyond, its short facts"
    )
    upstream_ca: str = _key("", "PEM file of further authorities that the proxy trusts upstream")
    guard: str = _key(
        "", "base address of a guard (LLM Guard's API) that the proxy shows prompts and answers"
    )
    guard_mode: Literal["monitor", "enforce"] = _key(
        "monitor", "enforce: hold a prompt, and refuse it for the guard"
    )
    guard_timeout: float = _key(2.0, "seconds that the guard has; then everything passes")
    libraries: str = _key(
        "", "TLS libraries to attach at start besides the well-known ones: paths with `:` between"
    )

    def to_json(self) -> str:
        """For the child processes of the supervisor."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Config":
        """What `to_json` wrote."""
        raw: dict[str, Any] = json.loads(text)
        raw["only"] = tuple(Rule(*r) for r in raw["only"])
        raw["not_"] = tuple(Rule(*r) for r in raw["not_"])
        raw["agents"] = tuple(AgentRule(*r) for r in raw["agents"])
        raw["findings"] = tuple(raw["findings"])
        return cls(**raw)


@dataclass(frozen=True, slots=True)
class Session:
    """What the supervisor fixes once at start and hands to every child.

    `clock_offset` added to CLOCK_BOOTTIME gives Unix nanoseconds; `salt` and `key` are hex.
    """

    clock_offset: int
    salt: str
    key: str
    host: str


def names() -> tuple[str, ...]:
    """Every key as it is written in the file."""
    return tuple(f.name.rstrip("_") for f in fields(Config))


def load(
    cli: Mapping[str, Any] | None = None,
    env: Mapping[str, str] | None = None,
    path: Path | None = None,
) -> Config:
    """The Config of this run. `cli` holds parsed flags (None: not given). `path` None means the default file, which may be absent."""
    env = os.environ if env is None else env
    values: dict[str, Any] = {}
    values.update(
        _from_file(
            path or Path(env.get("HEXR_CONFIG", "") or CONFIG_FILE),
            required=path is not None or bool(env.get("HEXR_CONFIG")),
        )
    )
    values.update(_from_env(env))
    values.update(
        {
            _attribute(k): _checked(_attribute(k), v, "the command line")
            for k, v in (cli or {}).items()
            if v not in (None, [], ())
        }
    )
    config = Config(**values)
    check(config)
    return config


def _attribute(name: str) -> str:
    return "not_" if name == "not" else name


def _from_file(path: Path, *, required: bool) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        if required:
            raise ConfigError(detail=f"there is no file {path}") from None
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(detail=f"{path} cannot be read: {error}") from None
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(detail=f"{path} is not TOML: {error}") from None
    known = set(names())
    for name in raw:
        if name not in known:
            raise ConfigError(
                detail=f"{path} has an unknown key `{name}`; `hexr-autoinst config show` lists the keys"
            )
    return {_attribute(k): _checked(_attribute(k), v, str(path)) for k, v in raw.items()}


def _from_env(env: Mapping[str, str]) -> dict[str, Any]:
    found = {}
    for name in names():
        text = env.get(f"HEXR_{name.upper()}", "")
        if text and name != "agents":
            found[_attribute(name)] = _checked(_attribute(name), text, f"HEXR_{name.upper()}")
    if endpoint := env.get("OTEL_EXPORTER_OTLP_ENDPOINT", ""):
        found.setdefault("otlp_endpoint", endpoint)
    if protocol := env.get("OTEL_EXPORTER_OTLP_PROTOCOL", ""):
        found.setdefault("otlp_protocol", _checked("otlp_protocol", protocol, "OTEL_EXPORTER_OTLP_PROTOCOL"))
    if mode := env.get("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", ""):
        found.setdefault("content", mode.lower() in _CONTENT_ON)
    return found


_CHOICES: Final = {
    "door": ("both", "ebpf", "proxy"),
    "guard_mode": ("monitor", "enforce"),
    "loader": ("auto", "libbpf", "bcc"),
    "span_names": ("hexr", "semconv"),
    "otlp_protocol": ("http/protobuf", "grpc"),
}


def _checked(name: str, value: Any, where: str) -> Any:
    shown = name.rstrip("_")
    if name in ("only", "not_"):
        items = value.replace(",", " ").split() if isinstance(value, str) else value
        return tuple(r if isinstance(r, Rule) else Rule.parse(str(r)) for r in items)
    if name == "agents":
        return _agent_rules(value, where)
    if name == "findings":
        return _findings(value, where)
    if name in _CHOICES:
        if value not in _CHOICES[name]:
            raise ConfigError(
                detail=f"{where}: `{shown}` is one of {', '.join(_CHOICES[name])}, not `{value}`"
            )
        return value
    default = next(f.default for f in fields(Config) if f.name == name)
    try:
        return _as(type(default), value)
    except (TypeError, ValueError):
        raise ConfigError(
            detail=f"{where}: `{shown}` wants {type(default).__name__}, not `{value}`"
        ) from None


def _as(kind: type, value: Any) -> Any:
    if kind is bool:
        word = str(value).lower()
        if word not in _TRUE | _FALSE:
            raise ValueError(word)
        return word in _TRUE
    if kind is str and not isinstance(value, str):
        raise TypeError(value)
    if kind in (int, float) and isinstance(value, bool):
        raise TypeError(value)
    return kind(value)


def _findings(value: Any, where: str) -> tuple[str, ...]:
    """A list of kinds, or their names with commas between; `none`: no kind."""
    words = value.replace(",", " ").split() if isinstance(value, str) else list(value)
    words = [] if words == ["none"] else words
    if unknown := [w for w in words if w not in FINDINGS]:
        raise ConfigError(
            detail=f"{where}: `findings` are of {', '.join(FINDINGS)}, or none; not `{unknown[0]}`"
        )
    return tuple(words)


def _agent_rules(value: Any, where: str) -> tuple[AgentRule, ...]:
    rules = []
    for number, table in enumerate(value if isinstance(value, list) else [value], 1):
        if not isinstance(table, dict) or not set(table) <= set(AgentRule._fields):
            raise ConfigError(
                detail=f"{where}: [[agents]] number {number} may hold {', '.join(AgentRule._fields)}"
            )
        rules.append(AgentRule(**{k: str(v) for k, v in table.items()}))
    return tuple(rules)
