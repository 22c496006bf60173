"""Watches this host in the foreground until Ctrl-C, or until `hexr-autoinst stop`.

  sudo hexr-autoinst start                                  every process
  sudo hexr-autoinst start --only user:alice --not exe:/usr/bin/node
  sudo hexr-autoinst start --door ebpf                      without the proxy

It prints what is attached, the page's address, and one line for each operation it tells.
"""

import argparse

NAME = "start"
HELP = "watch this host (root)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What is watched, and through what."""
    rule = "cgroup:PATH, pid:N, user:NAME or exe:GLOB; repeatable"
    parser.add_argument(
        "--only", action="append", metavar="RULE", help=f"watch only these and their children: {rule}"
    )
    parser.add_argument(
        "--not", action="append", metavar="RULE", dest="not_", help="never watch these; wins over --only"
    )
    parser.add_argument("--door", choices=("both", "ebpf", "proxy"), help="which planes run (both)")
    parser.add_argument(
        "--loader",
        choices=("auto", "libbpf", "bcc"),
        help="what loads the kernel plane (auto: libbpf; bcc where the kernel has no BTF)",
    )
    parser.add_argument("--content", action="store_true", default=None, help="keep prompts and completions")


def run(args: argparse.Namespace) -> int:
    """Become the supervisor."""
    import os

    from hexr_autoinst.config import load
    from hexr_autoinst.errors import NotRoot
    from hexr_autoinst.supervise import main

    if os.geteuid() != 0:
        raise NotRoot(verb="start")
    given = {"only": args.only, "not": args.not_, "door": args.door}
    return main(load({**given, "loader": args.loader, "content": args.content}))
