"""Prints a shell completion script, made from the argument parsers themselves.

hexr-autoinst completion bash > /etc/bash_completion.d/hexr-autoinst
hexr-autoinst completion zsh > "${fpath[1]}/_hexr-autoinst"
"""

import argparse

NAME = "completion"
HELP = "print a completion script for your shell"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which shell."""
    parser.add_argument("shell", choices=("bash", "zsh", "tcsh"), help="the shell that will read it")


def run(args: argparse.Namespace) -> int:
    """Print it."""
    import shtab

    from hexr_autoinst.cli import build_parser

    print(shtab.complete(build_parser(), args.shell))
    return 0
