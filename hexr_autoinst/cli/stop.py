"""Ends the daemon and waits until all of it is gone: processes, probes, sockets. Exit code 0 when nothing runs any more."""

import argparse
import os
import signal
from pathlib import Path
from typing import Final

NAME = "stop"
HELP = "end the daemon and wait until it is gone (root)"

# The supervisor gives its children 15 s and kills what is left (cast.STOP_ORDER); more than that and some means it hangs itself.
PATIENCE_S: Final = 20.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """None."""
    del parser


def run(args: argparse.Namespace) -> int:
    """Ask, wait, and insist if it must be."""
    from hexr_autoinst.config import load
    from hexr_autoinst.control import ask, wait_gone
    from hexr_autoinst.errors import NotRunning

    del args
    try:
        pid = int(ask(Path(load().run_dir), "stop")["pid"])
    except NotRunning:
        print("hexr-autoinst is not running")
        return 0
    if not wait_gone(pid, PATIENCE_S):
        # Every child dies with it (PDEATHSIG), and every probe with the child that holds it.
        os.kill(pid, signal.SIGKILL)
        wait_gone(pid, 2.0)
        print("hexr-autoinst did not end by itself and was killed")
        return 0
    print("hexr-autoinst has stopped")
    return 0
