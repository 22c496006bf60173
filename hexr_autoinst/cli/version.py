"""Prints the versions of this program, Python, the kernel and libbpf, as a bug report wants them."""

import argparse
import os
import platform

NAME = "version"
HELP = "versions of this program, Python, the kernel, libbpf"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """None."""
    del parser


def run(args: argparse.Namespace) -> int:
    """One line each."""
    from hexr_autoinst import __version__

    del args
    print(f"hexr-autoinst {__version__}")
    print(f"python        {platform.python_version()}")
    print(f"kernel        {os.uname().release} {os.uname().machine}")
    print(f"libbpf        {_libbpf()}")
    return 0


def _libbpf() -> str:
    from hexr_autoinst.capture.ebpf.loader import libbpf_version
    from hexr_autoinst.errors import CaptureUnavailable

    try:
        return libbpf_version()
    except CaptureUnavailable as error:
        return error.message
