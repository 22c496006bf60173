import errno
from types import SimpleNamespace

import pytest

from hexr_autoinst.capture.ebpf import libbpf, probes
from hexr_autoinst.capture.ebpf.symbols import Plan, Probe

PROGRAMS = {"enter_SSL_read": 1, "leave_SSL_read": 2, "enter_SSL_free": 3}


@pytest.fixture(autouse=True)
def _a_kernel_without_the_flaw(monkeypatch):
    monkeypatch.setattr(probes.platform, "release", lambda: "6.18.1")


def plan(*wanted):
    return Plan("/lib/x", 1, 2, "openssl", "dynsym", wanted)


def wanted(*probes_, machine="x86_64"):
    return list(probes.wanted(plan(*probes_), PROGRAMS, machine))


def test_the_leave_side_comes_first():
    (found,) = wanted(Probe("SSL_read", 100, (110, 120)))

    assert found.places == (probes.Place(2, (100,), returns=True), probes.Place(1, (100,), returns=False))
    assert found.probes == 2


@pytest.mark.parametrize(
    ("release", "machine"), [("6.18.1", "aarch64"), ("6.6.1", "x86_64"), ("6.12.1", "x86_64")]
)
def test_where_a_return_probe_is_not_cheaper_or_not_safe_each_return_has_its_own(
    monkeypatch, release, machine
):
    monkeypatch.setattr(probes.platform, "release", lambda: release)

    (found,) = wanted(Probe("SSL_read", 100, (110, 120), inner=40), machine=machine)

    assert found.places == (
        probes.Place(2, (110, 120), returns=False),
        probes.Place(1, (100,), returns=False),
    )
    assert found.probes == 3


def test_the_function_that_does_the_work_is_watched_for_all_that_come_through_it():
    names = ("SSL_read_ex", "SSL_read")
    programs = {f"{side}_{name}": n for n, name in enumerate(names) for side in ("enter", "leave")}

    found = list(
        probes.wanted(
            plan(Probe("SSL_read", 200), Probe("SSL_read_ex", 100, (), 40, ("SSL_read",))), programs, "x86_64"
        )
    )

    assert [(f.function, f.through, {p.offsets for p in f.places}) for f in found] == [
        ("SSL_read_ex", ("SSL_read",), {(40,)})
    ]


def test_where_return_probes_are_not_used_each_is_watched_by_itself(monkeypatch):
    monkeypatch.setattr(probes.platform, "release", lambda: "6.12.3")
    programs = {"enter_SSL_read": 1, "leave_SSL_read": 2, "enter_SSL_read_ex": 3, "leave_SSL_read_ex": 4}
    both = plan(Probe("SSL_read", 200, (210,)), Probe("SSL_read_ex", 100, (110,), 40, ("SSL_read",)))

    found = list(probes.wanted(both, programs, "x86_64"))

    assert [(f.function, f.through) for f in found] == [("SSL_read", ()), ("SSL_read_ex", ())]


def test_without_known_returns_a_return_probe_is_used():
    (found,) = wanted(Probe("SSL_read", 100), machine="aarch64")

    assert found.places[0] == probes.Place(2, (100,), returns=True)


def test_a_function_that_no_program_is_for_is_left_out():
    assert list(probes.wanted(plan(Probe("SSL_version", 100)), PROGRAMS)) == []


def test_kernels_whose_return_probes_kill_get_none_but_by_offset(monkeypatch):
    monkeypatch.setattr(probes.platform, "release", lambda: "6.12.3-amd64")

    bare, known, free = probes.wanted(
        plan(Probe("SSL_read", 100), Probe("SSL_read", 100, (110,)), Probe("SSL_free", 7)), PROGRAMS
    )

    assert "seccomp" in bare.refusal
    assert not known.refusal
    assert not free.refusal


@pytest.mark.parametrize(
    ("release", "expected"),
    [
        ("6.10.9", False),
        ("6.11.0", True),
        ("6.11.0-29-generic", True),
        ("6.12.13", True),
        ("6.12.14+deb13-amd64", False),
        ("6.12.117+deb12-cloud-amd64", False),
        ("6.13.2-1-amd64", True),
        ("6.13.3", False),
        ("6.14", False),
        ("7.0.1", False),
        ("odd", False),
    ],
)
def test_which_kernels_have_deadly_return_probes(release, expected):
    assert probes.deadly(release) == expected


class Library:
    def __init__(self):
        self.destroyed = []

    def bpf_program__fd(self, program):
        return program

    def bpf_link__destroy(self, pointer):
        self.destroyed.append(pointer)

    def bpf_program__attach_uprobe_opts(self, program, pid, path, offset, options):
        return 0 if offset == 999 else offset


def test_both_sides_or_none(monkeypatch):
    library = Library()
    monkeypatch.setattr(probes.ctypes, "get_errno", lambda: errno.EPERM)
    asked = probes.Wanted(
        "f", (probes.Place(2, (50, 60), returns=False), probes.Place(1, (999,), returns=False))
    )

    with pytest.raises(PermissionError):
        probes.attach(library, asked, probes.Target("/x", 1, -1, multi=False))

    assert library.destroyed == [50, 60]


def test_a_kernel_with_many_per_link_gets_one_link_a_program(monkeypatch):
    asked = []
    monkeypatch.setattr(libbpf, "link_many", lambda ask, **more: asked.append((ask, more)) or 5)
    wanted = probes.Wanted("f", (probes.Place(2, (50, 60), returns=False),))

    made = probes.attach(Library(), wanted, probes.Target("/x", 9, 4, multi=True))

    assert made == [probes.Link(fd=5)]
    assert asked == [(libbpf.Many(2, b"/x", (50, 60), returns=False), {"cookie": 9, "pid": 4})]


def test_a_link_of_ours_is_closed_as_a_descriptor(monkeypatch):
    closed = []
    monkeypatch.setattr(probes, "os", SimpleNamespace(close=closed.append))

    probes.Link(fd=7).destroy(Library())

    assert closed == [7]
