import select
import shutil
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from hexr_autoinst.capture.ebpf import attach
from hexr_autoinst.capture.ebpf.attach import Attachments
from hexr_autoinst.capture.ebpf.targets import Target


class Kernel:
    """Takes plans as the loader does, and looks at the file that a path leads to at that moment."""

    def __init__(self, refuse=()):
        self.refuse, self.files, self.detached = dict(refuse), [], []

    def attach(self, plan, pid=-1):
        self.files.append((plan.label, Path(plan.path).stat().st_ino))
        refused = tuple(
            (p.function, self.refuse[p.function]) for p in plan.probes if p.function in self.refuse
        )
        return SimpleNamespace(entries=len(plan.probes) - len(refused), refused=refused)

    def detach(self, attached):
        self.detached.append(attached)


@pytest.fixture
def desk():
    made = []

    def start(kernel=None):
        said = []
        one = Attachments(kernel or Kernel(), lambda: None, said.append)
        made.append(one)
        return one, said

    yield start
    for one in made:
        one.close()


def target(path):
    found = Path(path).stat()
    return Target(str(path), (str(path),), found.st_dev, found.st_ino)


def open_files():
    return len(list(Path("/proc/self/fd").iterdir()))


def settle(one, seconds=20):
    end = time.monotonic() + seconds
    while one.fds and time.monotonic() < end:
        for fd in select.select(one.fds, [], [], 1)[0]:
            one.answer(fd)


def test_a_library_is_attached_by_the_very_file_that_was_surveyed(desk, libssl):
    kernel = Kernel()
    one, said = desk(kernel)
    one.look([target(libssl)], 0.0)
    settle(one)

    assert kernel.files == [("libssl.so.3", libssl.stat().st_ino)]
    assert [(e["event"], e["library"], e["rung"]) for e in said] == [("attached", "libssl.so.3", "dynsym")]
    assert one.attached[0]["path"] == str(libssl)


def test_one_file_is_attached_once_however_often_and_by_whatever_name_it_is_met(desk, libssl, tmp_path):
    (tmp_path / "libssl.so.3").symlink_to(libssl)
    kernel = Kernel()
    one, _ = desk(kernel)
    by_path = Target(str(tmp_path / "libssl.so.3"), (str(tmp_path / "libssl.so.3"),))
    one.look([target(libssl), by_path, target(libssl)], 0.0)
    settle(one)
    one.look([target(libssl)], 1e6)
    settle(one)

    assert len(kernel.files) == 1


def test_a_path_replaced_after_the_survey_began_changes_nothing(desk, libssl, tmp_path):
    path = tmp_path / "libssl.so.3"
    shutil.copy(libssl, path)
    inode = path.stat().st_ino
    kernel = Kernel()
    one, _ = desk(kernel)
    one.look([target(path)], 0.0)
    path.rename(tmp_path / "old")
    path.write_bytes(b"another")
    settle(one)

    assert kernel.files == [("libssl.so.3", inode)]


def test_a_refusal_with_a_name_is_said_once_and_one_without_is_not(desk, tmp_path, built):
    gnutls = built(name="libgnutls.so.30")
    shutil.copy("/bin/sh", tmp_path / "sh")
    one, said = desk()
    one.look([target(gnutls), target(tmp_path / "sh")], 0.0)
    settle(one)
    one.look([target(gnutls)], 1e6)
    settle(one)

    assert [(e["event"], e["library"]) for e in said] == [("refused", "GnuTLS")]
    assert "proxy" in one.refused[0]["advice"]


def test_a_library_whose_reads_and_writes_the_kernel_refuses_is_refused_with_its_reason(desk, libssl):
    kernel = Kernel(
        dict.fromkeys(("SSL_read", "SSL_read_ex", "SSL_write", "SSL_write_ex"), "no return probes here")
    )
    one, said = desk(kernel)
    one.look([target(libssl)], 0.0)
    settle(one)

    assert (one.attached, len(kernel.detached)) == ([], 1)
    assert said[0]["reason"] == "no return probes here"


def test_a_function_that_the_kernel_refuses_is_named_beside_the_rest(desk, libssl):
    one, _ = desk(Kernel({"SSL_do_handshake": "deadly"}))
    one.look([target(libssl)], 0.0)
    settle(one)

    assert one.attached[0]["unprobed"] == [{"function": "SSL_do_handshake", "reason": "deadly"}]
    assert "SSL_do_handshake" not in one.attached[0]["functions"]


def test_a_file_that_could_not_be_opened_is_tried_again_when_met_again(desk, libssl, tmp_path):
    inode = libssl.stat()
    late = tmp_path / "late"
    wanted = Target("late", (str(late),), inode.st_dev, inode.st_ino)
    kernel = Kernel()
    one, _ = desk(kernel)
    one.look([wanted], 0.0)
    assert one.fds == ()
    late.symlink_to(libssl)
    one.look([wanted], 0.0)
    settle(one)

    assert len(kernel.files) == 1


def test_two_overlays_of_one_file_are_attached_once(desk, libssl, monkeypatch):
    monkeypatch.setattr(attach, "overlaid", lambda device: True)
    found = libssl.stat()
    kernel = Kernel()
    one, _ = desk(kernel)
    one.look([Target(str(libssl), (str(libssl),), device, found.st_ino) for device in (1001, 1002)], 0.0)
    settle(one)

    assert len(kernel.files) == 1


def test_a_survey_that_takes_too_long_is_ended_and_its_descriptors_closed(desk, libssl):
    one = Attachments(Kernel(), lambda: time.sleep(60), lambda e: None)
    before = open_files()
    one.look([target(libssl)], 0.0)
    one.expire(29.0)
    assert len(one.fds) == 1
    one.expire(31.0)
    assert (one.fds, open_files()) == ((), before)


def test_no_descriptor_stays_open_after_a_survey(desk, libssl):
    one, _ = desk()
    before = open_files()
    one.look([target(libssl)], 0.0)
    settle(one)
    assert open_files() == before


def test_more_files_than_one_child_takes_are_surveyed_by_several(desk, libssl, tmp_path, monkeypatch):
    monkeypatch.setattr(attach, "_MOST_FILES", 2)
    for n in range(5):
        shutil.copy(libssl, tmp_path / f"libssl.so.{n}")
    kernel = Kernel()
    one, _ = desk(kernel)
    one.look([target(tmp_path / f"libssl.so.{n}") for n in range(5)], 0.0)
    assert len(one.fds) == 3
    settle(one)

    assert sorted(label for label, _ in kernel.files) == [f"libssl.so.{n}" for n in range(5)]
