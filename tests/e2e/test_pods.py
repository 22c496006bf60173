"""Two pods of one name, of two tenants, on one host: what each did is its own. Control groups are as a kubelet makes them; there is no kubelet."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]
CLIENT = Path(__file__).parent / "clients" / "tiny_client.py"
PODS = {
    "east": ("8d5a1f7e-2b3c-4d5e-8f90-a1b2c3d4e5f6", "a" * 64),
    "west": ("9d5a1f7e-2b3c-4d5e-8f90-a1b2c3d4e5f6", "b" * 64),
}


@pytest.fixture
def pods(group):
    """tenant -> the file by which a process enters its pod's group."""
    made = []
    entered = {}
    for tenant, (uid, container) in PODS.items():
        place = group.path
        for part in (
            "kubepods.slice",
            f"kubepods-pod{uid.replace('-', '_')}.slice",
            f"cri-containerd-{container}.scope",
        ):
            place /= part
            if not place.exists():
                place.mkdir()
                made.append(place)
        entered[tenant] = place / "cgroup.procs"
    yield entered
    for place in reversed(made):
        place.rmdir()


def test_what_two_pods_of_one_name_do_at_once_stays_with_its_tenant(
    daemon, pods, collector, libraries, certificate, model
):
    running = daemon("--door", "ebpf")
    env = {**running.env, "LD_LIBRARY_PATH": str(libraries), "SSL_CERT_FILE": str(certificate[0])}
    clients = [
        subprocess.Popen(
            [sys.executable, str(CLIENT), model],
            env={**env, "POD_NAMESPACE": tenant, "HOSTNAME": "desk-0"},
            preexec_fn=lambda place=place: place.write_text("0"),
            stdout=subprocess.DEVNULL,
        )
        for tenant, place in pods.items()
        for _ in range(3)
    ]
    assert [one.wait(30) for one in clients] == [0] * 6
    spans = collector.wait(lambda found: sum(s["name"] == "hexr.agent.invoke" for s in found) == 6, 30)

    assert sorted(s["name"] for s in spans) == ["hexr.agent.invoke"] * 6 + ["hexr.llm.chat"] * 6
    for one in spans:
        who = one["resource"]
        tenant = who["service.namespace"]
        assert (who["service.name"], who["k8s.pod.name"], who["k8s.namespace.name"]) == (
            "desk",
            "desk-0",
            tenant,
        )
        assert who["container.id"] == PODS[tenant][1]
        (root,) = (s for s in spans if s["trace"] == one["trace"] and s["name"] == "hexr.agent.invoke")
        assert root["resource"] == who
    assert sorted(s["resource"]["service.namespace"] for s in spans) == ["east"] * 6 + ["west"] * 6
