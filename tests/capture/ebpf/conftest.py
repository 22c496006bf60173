import shutil
import subprocess
from pathlib import Path

import pytest

BPF = Path(__file__).parent.parent.parent.parent / "bpf"
SOURCE = """
__attribute__((noinline)) int SSL_read(void *s, char *b, int n) { return s ? n * 3 + *b : 77; }
__attribute__((noinline)) int SSL_write(void *s, char *b, int n) { return s ? n * 5 - *b * 1234567 : 78; }
static __attribute__((noinline, used)) int hidden(void *s) { return s ? 11 : 79; }
int other(void) { return hidden(0); }
"""


@pytest.fixture
def built(tmp_path):
    """Compiles a small library, so that a test knows what it surveys."""
    compiler = shutil.which("gcc") or shutil.which("clang")
    if not compiler:
        pytest.skip("needs a C compiler")

    def build(*flags, source=SOURCE, name="libssl.so.9"):
        (tmp_path / "x.c").write_text(source)
        if not compiler.endswith("gcc"):  # clang folds nothing unless told to, and knows no such flag
            flags = tuple(f for f in flags if f != "-fno-ipa-icf")
        argv = [
            compiler,
            "-O1",
            "-fPIC",
            "-shared",
            "-Wl,--build-id=sha1",
            *flags,
            "-o",
            tmp_path / name,
            tmp_path / "x.c",
        ]
        subprocess.run(argv, check=True, capture_output=True)
        return tmp_path / name

    return build


@pytest.fixture
def nm():
    """Functions and their addresses as binutils reads them."""

    def names(path, *flags):
        out = subprocess.run(["nm", *flags, path], check=True, capture_output=True, text=True).stdout
        rows = [line.split() for line in out.splitlines()]
        return {r[2].split("@")[0]: int(r[0], 16) for r in rows if len(r) == 3 and r[1] in "tT"}

    return names


@pytest.fixture
def strip():
    """A copy without .symtab (and with `-x`-like localised names where asked)."""

    def stripped(path, *hide):
        copy = path.with_name("stripped-" + path.name)
        subprocess.run(["objcopy", "--strip-all", *hide, path, copy], check=True)
        return copy

    return stripped


@pytest.fixture(scope="session")
def libssl():
    found = next(Path("/usr/lib").glob("*-linux-gnu*/libssl.so.3"), None)
    if found is None:
        pytest.skip("needs the system's libssl.so.3")
    return found


@pytest.fixture(scope="session")
def objects(tmp_path_factory):
    """The BPF objects, built from the sources of this tree."""
    if not shutil.which("clang"):
        pytest.skip("needs clang")
    out = tmp_path_factory.mktemp("objects")
    subprocess.run(["make", "-s", "-C", BPF, f"OUT={out}"], check=True)
    return sorted(out.glob("*.bpf.o"))
