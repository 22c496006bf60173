"""The command line: one file for each verb, found by name, loaded only when asked for.

A verb module has NAME, HELP (one line), add_arguments(parser) and run(args) -> exit code. Its
imports of other rooms happen in `run`, so that `--help` stays instant.
"""

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from typing import Any, Final

from hexr_autoinst import __version__
from hexr_autoinst.cli.form import Form
from hexr_autoinst.errors import HexrError

# In the order a new user needs them.
VERBS: Final = (
    "start", "stop", "status", "observe", "traces", "demo", "doctor", "env", "run",
    "record", "replay", "config", "service", "version", "completion",
)  # fmt: skip

EPILOG: Final = """\
first steps:
  sudo hexr-autoinst start        watch this host; the page's address is printed
  sudo hexr-autoinst demo         a small agent against a local model: your first trace
  sudo hexr-autoinst observe -f   one line for each model call, as it happens
  hexr-autoinst run -- python agent.py    send one program through the proxy instead

Every key of the configuration: hexr-autoinst config show. Exit codes: 0 done, 3 not running,
64 usage, 65 bad input, 69 not possible here, 77 not allowed, 78 bad configuration.
"""


def build_parser(verbs: Sequence[str] = VERBS) -> argparse.ArgumentParser:
    """The whole parser, or that of a few verbs."""
    parser = argparse.ArgumentParser(
        prog="hexr-autoinst",
        description="Observes unmodified AI agents from outside their processes and tells what they do in OpenTelemetry's words.",
        epilog=EPILOG,
        formatter_class=Form,
    )
    parser.add_argument("--version", action="version", version=f"hexr-autoinst {__version__}")
    commands = parser.add_subparsers(dest="verb", metavar="VERB", title="verbs")
    for name in verbs:
        verb = _load(name)
        sub = commands.add_parser(
            verb.NAME,
            help=verb.HELP,
            description=verb.__doc__,
            formatter_class=Form,
        )
        verb.add_arguments(sub)
        sub.set_defaults(run=verb.run)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb. Every expected failure is one sentence on standard error and its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    one = arguments[0] if arguments and arguments[0] in VERBS else None
    parser = build_parser([one] if one else VERBS)
    args = parser.parse_args(arguments)
    if not args.verb:
        parser.print_help()
        return 64
    try:
        return int(args.run(args))
    except HexrError as error:
        print(f"hexr-autoinst: {error.message}", file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:
        # The reader of our output has gone (`| head`): not an error of anybody's.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130


def _load(name: str) -> Any:
    return importlib.import_module(f"hexr_autoinst.cli.{name}")
