import shutil
import subprocess

import pytest

from hexr_autoinst.capture.ebpf import btf

SOURCE = """
struct inner { unsigned int a; unsigned char b[12]; };
struct outer { unsigned long first; struct inner inner; const char *last; unsigned char data[]; };
const struct outer *crosses __attribute__((unused));
const volatile unsigned int before = 1;
const volatile unsigned int pid_ns = 7;
int use(void) { return before + pid_ns; }
"""


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    if not shutil.which("clang"):
        pytest.skip("needs clang")
    folder = tmp_path_factory.mktemp("btf")
    (folder / "x.c").write_text(SOURCE)
    subprocess.run(
        ["clang", "-O2", "-g", "-target", "bpf", "-c", folder / "x.c", "-o", folder / "x.o"], check=True
    )
    return folder / "x.o"


def test_structs_have_the_compilers_offsets_and_sizes(made):
    found = btf.read(made).structs()["outer"]

    assert found.size == 32
    assert found.fields == (("first", 0, 8), ("inner", 8, 16), ("last", 24, 8), ("data", 32, 0))


def test_a_variable_has_its_place_in_its_section(made):
    assert {btf.offset(made, "before"), btf.offset(made, "pid_ns")} == {0, 4}


def test_a_variable_that_is_not_there_is_a_value_error(made):
    with pytest.raises(ValueError, match="absent"):
        btf.offset(made, "absent")


@pytest.mark.parametrize(
    "image", [b"", b"\x7fELF\x02", b"\x7fELF\x01" + b"\0" * 80, b"\x7fELF\x02" + b"\xff" * 200]
)
def test_what_is_no_object_is_a_value_error(tmp_path, image):
    (tmp_path / "bad.o").write_bytes(image)

    with pytest.raises(ValueError):
        btf.read(tmp_path / "bad.o")


def test_a_cut_object_is_a_value_error_at_every_length(made, tmp_path):
    whole = made.read_bytes()
    for length in range(0, len(whole) - 400, 97):
        (tmp_path / "cut.o").write_bytes(whole[:length])

        with pytest.raises(ValueError):
            btf.read(tmp_path / "cut.o")
