"""Shows the configuration that a start would use, or checks a configuration file.

hexr-autoinst config show          every key with its value, as TOML: file, environment and defaults together
hexr-autoinst config check FILE    exit 0 when the file is good, 78 and one sentence when not
"""

import argparse
from dataclasses import fields
from pathlib import Path
from typing import Any

NAME = "config"
HELP = "show or check the configuration"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`show` and `check`."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    show = actions.add_parser("show", help="print every key with its value and meaning, as TOML")
    check = actions.add_parser("check", help="read the configuration and say whether it is good")
    for action in (show, check):
        action.add_argument("file", nargs="?", type=Path, help="default: /etc/hexr-autoinst/config.toml")


def run(args: argparse.Namespace) -> int:
    """Load it (a ConfigError is the message), then print it or say that it is good."""
    from hexr_autoinst.config import CONFIG_FILE, Config, load

    config = load(path=args.file)
    if args.action == "check":
        source = args.file or CONFIG_FILE
        print(
            f"{source} is good." if Path(source).exists() else f"There is no {source}; the defaults are used."
        )
        return 0
    for field in fields(Config):
        name = field.name.rstrip("_")
        print(
            f"# {field.metadata['help']} (HEXR_{name.upper()})"
            if name != "agents"
            else f"# {field.metadata['help']}"
        )
        print(f"{name} = {_toml(getattr(config, field.name))}\n")
    return 0


def _toml(value: Any) -> str:
    from hexr_autoinst.config import Rule

    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Rule):
        return f'"{value}"'
    if isinstance(value, tuple) and not hasattr(value, "_asdict"):
        return f"[{', '.join(_toml(v) for v in value)}]"
    if hasattr(value, "_asdict"):
        return "{" + ", ".join(f"{k} = {_toml(v)}" for k, v in value._asdict().items() if v) + "}"
    return str(value) if isinstance(value, int | float) else f'"{value}"'
