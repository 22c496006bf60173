"""The cast: which children a run has, and what each of them may have. Privilege is handed out here and nowhere else."""

import os
import socket
import sys
from pathlib import Path
from typing import Final

from hexr_autoinst.children import Role
from hexr_autoinst.config import Config
from hexr_autoinst.ground import PAGE, PROXY, RUN_GROUP, TELLER, group, user

DEFAULT_PREFIX: Final = Path("/opt/hexr-autoinst")
# Which plane is lost with which child.
PLANES: Final = {"camera": "ebpf", "front": "proxy"}
# What the supervisor itself needs of root: children of other users, started and ended, and folders of theirs.
OWN_CAPABILITIES: Final = ("SETUID", "SETGID", "SETPCAP", "KILL", "CHOWN", "FOWNER")
# Facts end before the one who tells them, and the page last; 15 s in all, where most machines need half a second. Before 6.6
# the kernel takes each of the camera's probes away by itself, and waits for all processors each time.
# The front gives its worker less than it is given itself (front.hand.GOODBYE_S): one that is killed leaves its worker to whoever ends us.
STOP_ORDER: Final = ((("camera", "witness", "front"), 8.0), (("teller",), 5.0), (("page",), 2.0))
# Who did not end in time is killed, and waited for so long: the kernel has to take the probes away.
KILL_S: Final = 1.0


def prefix() -> Path:
    """Where this product is installed; the default's where we run from a source tree."""
    if asked := os.environ.get("HEXR_PREFIX", ""):
        return Path(asked)
    core = Path(sys.prefix)
    return core.parent if core.name == "core" else DEFAULT_PREFIX


def worker_python(env_path: str = "") -> Path:
    """The interpreter of the proxy's own environment."""
    return Path(env_path) if env_path else prefix() / "proxy" / "bin" / "python"


def witness() -> Role:
    """Who tells the proxy's callers where no camera does: the kernel plane is off, or cannot run."""
    return Role("witness", "hexr_autoinst.witness")


def roles(
    config: Config, facts: socket.socket, proxy: socket.socket | None, worker: Path
) -> tuple[Role, ...]:
    """Every child of this run, in the order of starting: the one who hears before those who speak."""
    run = group(RUN_GROUP)
    teller = user(TELLER)
    cast = [
        Role(
            "teller",
            "hexr_autoinst.teller",
            TELLER,
            teller,
            (run,),
            {"HEXR_FACTS_FD": str(facts.fileno())},
            (facts.fileno(),),
        )
    ]
    if config.door == "proxy":
        cast.append(witness())
    else:
        # Root for the loading; it gives up what it does not need itself (hexr_autoinst.drop).
        cast.append(Role("camera", "hexr_autoinst.camera"))
    if proxy is not None:
        env = {"HEXR_LISTEN_FD": str(proxy.fileno()), "HEXR_WORKER_PYTHON": str(worker)}
        cast.append(Role("front", "hexr_autoinst.front", PROXY, user(PROXY), (run,), env, (proxy.fileno(),)))
    # The page reads the teller's store through the teller's group.
    cast.append(Role("page", "hexr_autoinst.web.page", PAGE, user(PAGE), (run, teller.gid)))
    return tuple(cast)
