import os
import pwd
import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from hexr_autoinst.capture.ebpf import filter as rules
from hexr_autoinst.capture.ebpf import layout
from hexr_autoinst.config import Rule
from hexr_autoinst.errors import ConfigError


class Maps:
    def __init__(self):
        self.written = {}
        self.order = []

    def update(self, name, key, value):
        self.written.setdefault(name, {})[key] = value
        self.order.append(name)

    def flags(self, name, key):
        return struct.unpack("<I", self.written[name][key])[0]

    @property
    def policy(self):
        return dict(
            zip(
                [n for n, _ in layout.Policy.fields],
                layout.Policy.form.unpack(self.written["policies"][bytes(4)]),
                strict=True,
            )
        )


def install(only=(), not_=(), root="/", daemon=()):
    maps = Maps()
    rules.install(maps, [Rule.parse(r) for r in only], [Rule.parse(r) for r in not_], root, daemon)
    return maps


def test_no_rule_watches_everything():
    assert install().policy == {"ready": 1, "only": 0, "cgroups": 0, "users": 0, "exes": 0, "pids": 0}


def test_the_kernel_begins_only_after_every_rule_is_written(tmp_path):
    (tmp_path / "a").mkdir()

    maps = install(only=["cgroup:/a", "user:0", f"pid:{os.getpid()}"], root=tmp_path)

    assert maps.order[-1] == "policies"
    assert maps.order.count("policies") == 1


@pytest.mark.parametrize("written", ["cgroup:/a", "cgroup:a", "cgroup:{root}/a"])
def test_a_cgroup_is_its_folders_inode(tmp_path, written):
    (tmp_path / "a").mkdir()

    maps = install(only=[written.format(root=tmp_path)], root=tmp_path)

    key = struct.pack("<Q", (tmp_path / "a").stat().st_ino)
    assert maps.flags("rule_cgroups", key) == rules.ONLY
    assert (maps.policy["only"], maps.policy["cgroups"]) == (1, 1)


def test_a_cgroup_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ConfigError, match="cgroup:/absent"):
        install(only=["cgroup:/absent"], root=tmp_path)


def test_a_user_by_name_and_by_number():
    maps = install(only=["user:nobody"], not_=["user:4321"])

    assert maps.flags("rule_users", struct.pack("<I", pwd.getpwnam("nobody").pw_uid)) == rules.ONLY
    assert maps.flags("rule_users", struct.pack("<I", 4321)) == rules.NOT


def test_a_user_that_does_not_exist_is_named():
    with pytest.raises(ConfigError, match="no-such-user-here"):
        install(only=["user:no-such-user-here"])


def test_not_alone_denies_nobody_else():
    assert install(not_=["user:0"]).policy["only"] == 0


def test_the_same_program_under_only_and_not_has_both_flags(tmp_path):
    shutil.copy("/bin/true", tmp_path / "agent")

    maps = install(only=[f"exe:{tmp_path}/ag*"], not_=[f"exe:{tmp_path}/agent"])

    ((key, value),) = maps.written["rule_exes"].items()
    assert struct.unpack("<QQ", key)[1] == (tmp_path / "agent").stat().st_ino
    assert value == struct.pack("<I", rules.ONLY | rules.NOT)


def test_a_glob_that_fits_no_program_is_named(tmp_path):
    (tmp_path / "empty").touch()

    with pytest.raises(ConfigError, match="fits no program"):
        install(only=[f"exe:{tmp_path}/*"])


def test_identity_agrees_with_the_table_of_mappings():
    device, inode = rules.identity("/bin/sh")

    assert inode == Path("/bin/sh").stat().st_ino
    assert device > 0


def test_children_alive_now_follow_a_pid_rule():
    child = subprocess.Popen(["sleep", "30"])
    try:
        maps = install(only=[f"pid:{os.getpid()}"])
    finally:
        child.kill()
        child.wait()

    assert maps.flags("rule_pids", struct.pack("<I", child.pid)) == rules.ONLY
    assert struct.pack("<I", os.getppid()) not in maps.written["rule_pids"]


def test_a_running_program_and_its_children_follow_an_exe_rule(tmp_path):
    shutil.copy("/bin/sleep", tmp_path / "agent")
    child = subprocess.Popen([tmp_path / "agent", "30"])
    try:
        maps = install(only=[f"exe:{tmp_path}/agent"])
    finally:
        child.kill()
        child.wait()

    assert maps.flags("rule_pids", struct.pack("<I", child.pid)) == rules.ONLY


def test_the_daemons_own_processes_are_never_watched_whatever_the_rule():
    maps = install(only=[f"pid:{os.getpid()}"], daemon=[os.getpid()])

    assert maps.flags("rule_pids", struct.pack("<I", os.getpid())) == rules.ONLY | rules.SELF


def test_flags_come_down_the_line_and_add_up():
    family = {2: 1, 3: 2, 4: 3, 9: 1}

    assert rules.with_children({2: rules.ONLY, 3: rules.NOT}, family) == {
        2: rules.ONLY,
        3: rules.ONLY | rules.NOT,
        4: rules.ONLY | rules.NOT,
    }


def test_a_loop_of_parents_ends():
    assert rules.with_children({1: 1}, {1: 2, 2: 1, 3: 3}) == {1: 1, 2: 1}


def test_parents_reads_names_with_spaces_and_parentheses(tmp_path):
    (tmp_path / "12").mkdir()
    (tmp_path / "12" / "stat").write_bytes(b"12 (a) b) S 7 12 12 0")
    (tmp_path / "13").mkdir()

    assert rules.parents(tmp_path) == {12: 7}
