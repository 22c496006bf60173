"""Which pod a cgroup is: what the kubelet says of itself on its node, by the folders in which it keeps its pods' logs.

A folder is `<namespace>_<pod>_<uid>` (kubelet's BuildPodLogsDirectory); namespaces and pods are DNS names and hold no
underscore. A cgroup holds the uid, with underscores for dashes under the systemd driver. Pods cannot write there, so
it stands above what a process says of itself.
"""

import os
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Final

# Through the first process: a daemon in a container with the host's pids reads the host's.
LOGS: Final = Path("/proc/1/root/var/log/pods")
_MOST: Final = 4096  # folders that are looked at; a node holds some hundred pods
_SHORTEST_UID: Final = 32  # a static pod's is a digest without dashes


def pod(cgroup: str, logs: Path = LOGS) -> Mapping[str, str]:
    """POD_NAMESPACE and POD_NAME of the pod whose cgroup this is; empty where the kubelet says nothing of it."""
    if "kubepods" not in cgroup:
        return {}
    plain = cgroup.replace("_", "-")
    try:
        with os.scandir(logs) as folders:
            parts = [one.name.split("_") for one in islice(folders, _MOST)]
    except OSError:
        return {}
    for said in parts:
        if len(said) == 3 and len(said[2]) >= _SHORTEST_UID and f"pod{said[2]}" in plain:
            return {"POD_NAMESPACE": said[0], "POD_NAME": said[1]}
    return {}
