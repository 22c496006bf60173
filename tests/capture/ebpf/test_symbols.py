import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from hexr_autoinst.capture.ebpf import known
from hexr_autoinst.capture.ebpf.elf import Elf
from hexr_autoinst.capture.ebpf.lookup import code, exported
from hexr_autoinst.capture.ebpf.symbols import FUNCTIONS, Plan, Refusal, survey


def test_the_system_libssl_is_read_by_its_dynamic_symbols(libssl):
    plan = survey(libssl)

    assert (plan.label, plan.rung, {p.function for p in plan.probes}) == (
        "libssl.so.3",
        "dynsym",
        set(FUNCTIONS) - {"SSL_get_peer_certificate"},  # its name before OpenSSL 3
    )
    assert (plan.device, plan.inode) == (libssl.stat().st_dev, libssl.stat().st_ino)


def test_every_return_that_is_named_is_one_for_binutils_too(libssl):
    plan = survey(libssl)
    for probe in plan.probes:
        for offset in probe.returns:
            # text of a shared library lies at its own offset
            out = subprocess.run(
                ["objdump", "-d", f"--start-address={offset}", f"--stop-address={offset + 1}", libssl],
                check=True, capture_output=True, text=True,
            ).stdout  # fmt: skip
            assert re.search(r"\tret", out), (probe.function, hex(offset))
    assert sum(len(p.returns) for p in plan.probes) >= 4


def test_a_function_that_ends_in_a_tail_jump_gets_a_return_probe(built):
    source = """
    extern int elsewhere(void *);
    int SSL_read(void *s) { return s ? 3 : 4; }
    int SSL_write(void *s) { return s ? elsewhere(s) : 5; }
    """
    plan = survey(built("-O2", source=source))
    returns = {p.function: p.returns for p in plan.probes}

    assert len(returns["SSL_read"]) >= 1
    assert returns["SSL_write"] == ()


INSIDE = """
static __attribute__((noinline)) int inside(void *s, char *b, long n, long *done) {
    for (long i = 0; i < n; i++) other(s, b + i, n, done);
    return *done = n, other(s, b, n, done);
}
int SSL_read_ex(void *s, char *b, long n, long *done) { int found = inside(s, b, n, done); return found < 0 ? 0 : found; }
int SSL_read(void *s, char *b, int n) { long done; int found = TWIN(s, b, n, &done); return found > 0 ? (int)done : found; }
int SSL_write(void *s) { return s ? 5 : 6; }
"""


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="only there is an entry dear")
@pytest.mark.skipif(not shutil.which("gcc"), reason="clang gives these functions another shape")
@pytest.mark.parametrize(("twin", "through"), [("inside", ("SSL_read",)), ("another", None)])
def test_a_function_that_only_hands_on_is_watched_where_the_work_is_done(built, nm, twin, through):
    declared = f"int other(void *, char *, long, long *), another(void *, char *, long, long *);\n#define TWIN {twin}\n"
    path = built("-O2", "-fcf-protection=none", source=declared + INSIDE)
    probes = {p.function: p for p in survey(path).probes}

    if through is None:  # SSL_read goes another way, which may lead there too
        assert (probes["SSL_read_ex"].inner, probes["SSL_read_ex"].through) == (0, ())
    else:
        assert (probes["SSL_read_ex"].inner, probes["SSL_read_ex"].through) == (nm(path)["inside"], through)
    assert probes["SSL_read"].inner == 0


def test_hidden_functions_are_found_while_the_symbol_table_is_there(built, strip):
    path = built("-fvisibility=hidden")
    assert survey(path).rung == "symtab"
    assert isinstance(survey(strip(path)), Refusal)


def test_a_stripped_library_is_read_by_the_table_of_builds(built, strip, nm, tmp_path):
    path = built("-fvisibility=hidden")
    with Elf.open(path) as elf:
        at = nm(path)
        text = f'[[build]]\nid = "{elf.build_id}"\nlabel = "bun 9"\nfunctions = {{ SSL_read = [{at["SSL_read"]}, 0], SSL_write = [{at["SSL_write"]}, 0] }}\n'
    (tmp_path / "known.toml").write_text(text)
    plan = survey(strip(path), entries=known.load(tmp_path / "known.toml"))

    assert (plan.label, plan.rung, len(plan.probes)) == ("bun 9", "build-id", 2)
    assert {p.function: p.offset for p in plan.probes} == {p.function: p.offset for p in survey(path).probes}


def test_a_stripped_library_is_read_by_its_signature(built, strip, tmp_path):
    with Elf.open(built()) as elf:
        bytes_of = {
            n: " ".join(f"{b:02x}" for b in code(elf, s))
            for n, s in exported(elf, ("SSL_read", "SSL_write")).items()
        }
        machine = elf.machine
    functions = ", ".join(f'{n} = "{b}"' for n, b in bytes_of.items())
    (tmp_path / "known.toml").write_text(
        f'[[signature]]\nlabel = "made"\nmachine = "{machine}"\nfunctions = {{ {functions} }}\n'
    )
    hidden = built("-fvisibility=hidden")
    plan = survey(strip(hidden), entries=known.load(tmp_path / "known.toml"))

    assert (plan.rung, {p.function: p.offset for p in plan.probes}) == (
        "signature",
        {p.function: p.offset for p in survey(hidden).probes},
    )


@pytest.mark.parametrize("only", ["SSL_read", "SSL_write"])
def test_a_library_that_only_reads_or_only_writes_is_no_tls(built, only):
    found = survey(built(source=f"int {only}(void *s) {{ return s ? 1 : 2; }}"))
    assert (type(found), found.label) == (Refusal, "")


def test_a_table_that_points_outside_the_code_attaches_nothing(built, strip, tmp_path):
    path = built("-fvisibility=hidden")
    with Elf.open(path) as elf:
        text = f'[[build]]\nid = "{elf.build_id}"\nlabel = "bad"\nfunctions = {{ SSL_read = [0, 8], SSL_write = [{1 << 40}, 8] }}\n'
    (tmp_path / "known.toml").write_text(text)
    found = survey(strip(path), entries=known.load(tmp_path / "known.toml"))

    assert (found.label, found.reason) == ("bad", "its functions lie outside its executable segments")


def test_an_open_descriptor_is_surveyed_under_the_name_it_is_given(libssl):
    fd = os.open(libssl, os.O_RDONLY)
    plan = survey("/in/a/container/libssl-3e69114b.so.3", fd)
    os.close(fd)

    assert (plan.path, plan.label) == ("/in/a/container/libssl-3e69114b.so.3", "libssl.so.3")


@pytest.mark.parametrize("what", ["missing", "text", "empty"])
def test_what_cannot_be_read_is_refused_without_a_name(tmp_path, what):
    path = tmp_path / "x"
    if what != "missing":
        path.write_bytes(b"#!/bin/sh\n" if what == "text" else b"")
    found = survey(path)
    assert (type(found), found.label) == (Refusal, "")


def test_the_official_node_binary_is_surveyed():
    node = Path("/usr/bin/node").resolve()
    if not node.exists() or node.stat().st_size < 50 << 20:
        pytest.skip("needs a node that carries its own OpenSSL")

    assert isinstance(survey(node), Plan)
