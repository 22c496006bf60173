from types import SimpleNamespace

import pytest

from hexr_autoinst.capture.ebpf import layout, libbpf, loader, runs
from hexr_autoinst.errors import CaptureUnavailable, LayoutMismatch

SETTINGS = SimpleNamespace(ring_mb=1, bpf_stats=False, cleartext=True)


def test_objects_that_were_never_built_are_named_with_what_to_do(tmp_path):
    with pytest.raises(CaptureUnavailable, match=r"process\.bpf\.o does not exist.*make bpf"):
        loader.Objects.load(tmp_path, SETTINGS)


def test_objects_of_another_layout_are_refused_before_the_kernel_sees_them(tmp_path, monkeypatch):
    for name in loader.OBJECTS:
        (tmp_path / f"{name}.bpf.o").write_bytes(b"not an object")
    monkeypatch.setattr(libbpf, "open_library", lambda: pytest.fail("must not come so far"))

    with pytest.raises(LayoutMismatch):
        loader.Objects.load(tmp_path, SETTINGS)


def test_a_kernel_that_refuses_loading_is_told_apart_from_one_that_cannot():
    assert "lockdown" in loader._why(-1, SimpleNamespace(name="tls.bpf.o"))
    assert "tls.bpf.o does not load" in loader._why(-22, SimpleNamespace(name="tls.bpf.o"))


class Counts:
    """Two processors, each with the number of its slot."""

    def libbpf_num_possible_cpus(self):
        return 2

    def bpf_map_lookup_elem(self, fd, key, value):
        slot = int.from_bytes(key, "little")
        value.raw = slot.to_bytes(8, "little") + (1000 * slot).to_bytes(8, "little")
        return 0


def test_stats_sum_over_processors_by_kind_and_name():
    objects = loader.Objects(Counts(), multi=False, maps={"counts": 3})

    found = objects.stats()

    assert found["issued.chunk"] == 1001 * layout.CHUNK
    assert found["dropped.chunk"] == 1001 * (layout.DROPPED + layout.CHUNK)
    assert found["muted"] == 1001 * 32


def test_a_kernel_that_will_not_count_is_no_reason_not_to_watch(monkeypatch):
    def refuse(_):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(runs, "switch_on", refuse)
    objects = loader.Objects(Counts(), multi=False)
    objects._count_runs()

    assert (objects.uncounted, objects.runs()) == ("Operation not permitted", {})


def test_one_library_has_one_number_and_another_has_another():
    written = {}
    library = SimpleNamespace(
        bpf_map_update_elem=lambda fd, key, value, flags: written.update({key: value}) or 0
    )
    objects = loader.Objects(library, multi=False, maps={"libraries": 3})

    numbers = [objects._label(text) for text in ("openssl", "node", "openssl")]

    assert numbers == [0, 1, 0]
    assert written[bytes(4)].rstrip(b"\0") == b"openssl"


def test_an_unwritable_map_is_said():
    library = SimpleNamespace(bpf_map_update_elem=lambda *_: -1)

    with pytest.raises(CaptureUnavailable, match="policies"):
        loader.Objects(library, multi=False, maps={"policies": 3}).update("policies", b"", b"")
