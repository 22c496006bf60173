"""What a cgroup path says: container, pod, systemd service. Text in, words out."""

import re
from dataclasses import dataclass
from typing import Final

# docker-<id>.scope, /docker/<id>, cri-containerd-<id>.scope, crio-<id>.scope, libpod-<id>.scope, kubepods/…/<id>
_CONTAINER: Final = re.compile(r"(?:^|[-:/])([0-9a-f]{64})(?:\.scope)?(?=/|$)")
# kubepods-burstable-pod<uid, dashes as underscores>.slice (systemd driver) or /kubepods/burstable/pod<uid> (cgroupfs)
_POD: Final = re.compile(
    r"pod([0-9a-f]{8}[-_](?:[0-9a-f]{4}[-_]){3}[0-9a-f]{12}|[0-9a-f]{32})(?:\.slice)?(?=/|$)"
)
# A slice is no machine: machine-libpod_pod_<id>.slice is podman's pod.
_MACHINE: Final = re.compile(
    r"/(?:lxc\.payload\.|lxc/|machine-)(?![^/]*\.slice(?:/|$))([A-Za-z0-9_.\\-]+?)(?:\.scope)?(?=/|$)"
)
_ESCAPE: Final = re.compile(r"\\x([0-9a-f]{2})")

# Services under which other people's programs run: their name says nothing about the program.
_CARRIERS: Final = re.compile(
    r"(user@.*|sshd?(@.*)?|crond?|atd|anacron|(serial-|console-)?getty(@.*)?|docker|containerd|podman|crio|"
    r"kubelet|dbus(-broker)?|systemd-.*|gdm\d?|sddm|lightdm|gnome-terminal-server|tmux.*|screen.*|"
    r"code-server(@.*)?|jupyter.*|init)"
)


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Empty strings are facts that the path does not hold."""

    container: str = ""
    pod_uid: str = ""
    unit: str = ""
    machine: str = ""
    kubernetes: bool = False


def read(path: str) -> Whereabouts:
    """Everything that the path says."""
    containers = _CONTAINER.findall(path)
    pod = _POD.search(path)
    machine = _MACHINE.search(path)
    return Whereabouts(
        container=containers[-1] if containers else "",
        pod_uid=_dashed(pod[1]) if pod else "",
        unit=_unit(_inside(path)),
        machine=_unescaped(machine[1]) if machine else "",
        kubernetes="kubepods" in path,
    )


def _dashed(uid: str) -> str:
    plain = uid.replace("_", "-")
    if "-" in plain:
        return plain
    return "-".join((plain[:8], plain[8:12], plain[12:16], plain[16:20], plain[20:]))


def _inside(path: str) -> str:
    """Of a pod's path what lies within its container: a service above (k3s, containerd) only carries it."""
    found = [*_CONTAINER.finditer(path)] if "kubepods" in path else []
    return path[found[-1].end() :] if found else path


def _unit(path: str) -> str:
    """The innermost service under system.slice, or under a user manager's app.slice; never a carrier."""
    parts = path.strip("/").split("/")
    for at in range(len(parts) - 1, -1, -1):
        if parts[at].endswith(".scope"):
            return ""  # a session or a container: whatever is above only carries it
        if parts[at].endswith(".service"):
            name = _unescaped(parts[at].removesuffix(".service"))
            slices = [p for p in parts[:at] if p.endswith(".slice")]
            return name if slices and not _CARRIERS.fullmatch(name) else ""
    return ""


def _unescaped(name: str) -> str:
    """As systemd-escape(1) undoes it: backslash, x, two hex digits."""
    return _ESCAPE.sub(lambda m: chr(int(m[1], 16)), name)
