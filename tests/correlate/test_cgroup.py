import pytest

from hexr_autoinst.correlate.cgroup import read

ID = "0123456789abcdef" * 4
OUTER = "fedcba9876543210" * 4
UID = "8d5a1f7e-2b3c-4d5e-8f90-a1b2c3d4e5f6"


@pytest.mark.parametrize(
    "path",
    [
        f"/docker/{ID}",
        f"/system.slice/docker-{ID}.scope",
        f"/machine.slice/libpod-{ID}.scope",
        f"/machine.slice/libpod-{ID}.scope/container",
        f"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod{UID.replace('-', '_')}.slice/cri-containerd-{ID}.scope",
        f"/kubepods/besteffort/pod{UID}/{ID}",
        f"/kubepods.slice/kubepods-pod{UID.replace('-', '_')}.slice/crio-{ID}.scope",
        f"/kubepods-besteffort-pod{UID.replace('-', '_')}.slice:cri-containerd:{ID}",
        # containerd asked for the systemd driver's spelling by a kubelet that has the other, below its own service
        f"/system.slice/containerd.service/kubepods-burstable-pod{UID.replace('-', '_')}.slice:cri-containerd:{ID}",
        # kind and minikube: a node that is itself a container
        f"/docker/{OUTER}/kubelet/kubepods/burstable/pod{UID}/{ID}",
        f"/docker/{OUTER}/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod{UID.replace('-', '_')}.slice/crio-{ID}.scope",
        f"/system.slice/docker-{OUTER}.scope/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod{UID.replace('-', '_')}.slice/cri-containerd-{ID}.scope",
        # seen from another cgroup namespace
        f"/../../kubepods/besteffort/pod{UID}/{ID}",
        f"/user.slice/user-1000.slice/user@1000.service/user.slice/docker-{ID}.scope",
        f"/machine.slice/machine-libpod_pod_{OUTER}.slice/libpod-{ID}.scope/container",
        f"/system.slice/analyst.service/libpod-payload-{ID}",
        f"/system.slice/nerdctl-{ID}.scope",
        f"/ecs/0123456789abcdef0123456789abcdef/{ID}",
    ],
)
def test_a_container_is_read_from_every_runtimes_path(path):
    assert read(path).container == ID


@pytest.mark.parametrize(
    "path",
    [
        f"/kubepods/burstable/pod{UID}/{ID}",
        f"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod{UID.replace('-', '_')}.slice/crio-{ID}.scope",
        f"/kubepods/pod{UID.replace('-', '')}/{ID}",  # static pods: a hash without dashes
    ],
)
def test_a_pods_uid_is_read_in_both_drivers_spelling(path):
    assert (read(path).pod_uid, read(path).kubernetes) == (UID, True)


@pytest.mark.parametrize(
    ("path", "unit"),
    [
        ("/system.slice/analyst.service", "analyst"),
        ("/system.slice/system-agent.slice/agent@eu.service", "agent@eu"),
        ("/system.slice/analyst.service/worker", "analyst"),
        (r"/system.slice/my\x2dagent.service", "my-agent"),
        ("/user.slice/user-1000.slice/user@1000.service/app.slice/analyst.service", "analyst"),
        ("/user.slice/user-1000.slice/user@1000.service", ""),
        ("/user.slice/user-1000.slice/session-3.scope", ""),
        ("/user.slice/user-1000.slice/user@1000.service/app.slice/app-gnome-x-1.scope", ""),
        ("/system.slice/ssh.service", ""),
        ("/system.slice/sshd@7-10.0.0.1:22.service", ""),
        ("/system.slice/cron.service", ""),
        ("/system.slice/systemd-journald.service", ""),
        ("/system.slice/docker.service/libcontainer", ""),
        (f"/system.slice/docker-{ID}.scope", ""),
        (f"/docker/{ID}/system.slice/analyst.service", "analyst"),
        (
            f"/system.slice/analyst.service/libpod-payload-{ID}",
            "analyst",
        ),  # a Quadlet: the service is its name
        (
            f"/user.slice/user-1000.slice/user@1000.service/k3s-rootless.service/kubepods/besteffort/pod{UID}/{ID}",
            "",
        ),
        (f"/system.slice/k0s.service/kubepods-besteffort-pod{UID}.slice:cri-containerd:{ID}", ""),
        ("/init.scope", ""),
        ("/", ""),
        ("", ""),
    ],
)
def test_only_a_real_service_gives_a_name(path, unit):
    assert read(path).unit == unit


@pytest.mark.parametrize(
    ("path", "machine"),
    [
        ("/lxc.payload.builder/init.scope", "builder"),
        ("/lxc/builder/init.scope", "builder"),
        (r"/machine.slice/machine-my\x2dbox.scope", "my-box"),
        (f"/docker/{ID}", ""),
        (f"/machine.slice/machine-libpod_pod_{ID}.slice/libpod-{ID}.scope", ""),
    ],
)
def test_a_named_container_is_read(path, machine):
    assert read(path).machine == machine
