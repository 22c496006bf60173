import pytest

from hexr_autoinst.capture.ebpf.pods import pod

UID = "8d5a1f7e-2b3c-4d5e-8f90-a1b2c3d4e5f6"
OTHER = "9d5a1f7e-2b3c-4d5e-8f90-a1b2c3d4e5f6"
STATIC = "33d556edd3ae8ef21980288cef77ae8b"
ID = "0123456789abcdef" * 4
SLICED = f"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod{UID.replace('-', '_')}.slice/crio-{ID}.scope"


@pytest.fixture
def logs(tmp_path):
    for name in (
        f"east_desk-0_{UID}",
        f"west_desk-0_{OTHER}",
        f"kube-system_api-node_{STATIC}",
        "a_b_",
        "lost+found",
    ):
        (tmp_path / name).mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("cgroup", "said"),
    [
        (SLICED, ("east", "desk-0")),
        (f"/kubepods/besteffort/pod{OTHER}/{ID}", ("west", "desk-0")),
        (f"/kubepods/burstable/pod{STATIC}/{ID}", ("kube-system", "api-node")),
        (f"/kubepods/besteffort/pod{'f' * 32}/{ID}", None),
        ("/kubepods/besteffort/pod", None),
        (f"/system.slice/docker-{ID}.scope", None),
        (f"/docker/pod{UID}", None),
    ],
)
def test_two_pods_of_one_name_are_told_apart_by_the_kubelets_folders(logs, cgroup, said):
    assert pod(cgroup, logs) == (dict(zip(("POD_NAMESPACE", "POD_NAME"), said, strict=True)) if said else {})


def test_where_no_kubelet_is_nothing_is_said(tmp_path):
    assert pod(SLICED, tmp_path / "none") == {}
