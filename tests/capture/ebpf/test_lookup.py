import shutil
import struct
from pathlib import Path

import pytest

from hexr_autoinst.capture.ebpf.elf import Elf
from hexr_autoinst.capture.ebpf.lookup import Symbol, code, exported, gnu_hash, listed, sysv_hash

NAMES = ("SSL_read", "SSL_write", "hidden", "SSL_nothing", "printf")


@pytest.mark.parametrize("style", ["gnu", "sysv", "both"])
def test_exported_functions_are_found_by_either_hash_table(built, nm, style):
    path = built(f"-Wl,--hash-style={style}")
    with Elf.open(path) as elf:
        found = exported(elf, NAMES)

    assert {k: v.vaddr for k, v in found.items()} == {k: v for k, v in nm(path, "-D").items() if k in NAMES}
    assert set(found) == {"SSL_read", "SSL_write"}


def test_every_function_of_a_real_library_is_where_binutils_says(libssl, nm):
    truth = {k: v for k, v in nm(libssl, "-D").items() if k.startswith("SSL_")}
    with Elf.open(libssl) as elf:
        found = exported(elf, truth)

    assert len(truth) > 400
    assert {k: v.vaddr for k, v in found.items()} == truth


def test_the_symbol_table_knows_local_functions_too(built, nm):
    path = built()
    with Elf.open(path) as elf:
        found = listed(elf, NAMES)

    assert {k: v.vaddr for k, v in found.items()} == {k: v for k, v in nm(path).items() if k in NAMES}
    assert "hidden" in found


def test_a_stripped_file_lists_nothing_and_still_exports(built, strip):
    with Elf.open(strip(built())) as elf:
        assert (listed(elf, NAMES), set(exported(elf, NAMES))) == ({}, {"SSL_read", "SSL_write"})


def test_a_function_that_is_only_imported_is_not_found(built):
    path = built(source="extern int SSL_read(void); int SSL_write(void) { return SSL_read(); }")
    with Elf.open(path) as elf:
        assert set(exported(elf, NAMES)) == set(listed(elf, NAMES)) == {"SSL_write"}


def test_data_of_that_name_is_no_function(built):
    with Elf.open(built(source="int SSL_read = 3;")) as elf:
        assert (exported(elf, NAMES), listed(elf, NAMES)) == ({}, {})


def test_the_code_of_a_function_ends_with_a_return(built):
    with Elf.open(built()) as elf:
        symbol = exported(elf, NAMES)["SSL_read"]
        assert len(code(elf, symbol)) == symbol.size > 0
        assert code(elf, Symbol(1 << 50, 64)) == b""


def test_hashes_are_those_of_the_standard():
    assert (gnu_hash(b""), gnu_hash(b"printf"), sysv_hash(b"printf")) == (0x1505, 0x156B2BB8, 0x077905A6)


def test_a_chain_without_an_end_is_left(built, tmp_path):
    """Every chain word loses its last-of-bucket bit: a reader that trusts them runs out of the file."""
    path = tmp_path / "endless.so"
    shutil.copy(built("-Wl,--hash-style=gnu"), path)
    with Elf.open(path) as elf:
        place = next(s for s in elf.sections if s.name == ".gnu.hash")
    data = bytearray(path.read_bytes())
    buckets, _, blooms = struct.unpack_from("<III", data, place.offset)
    start = place.offset + 16 + blooms * 8 + buckets * 4
    for at in range(start, place.offset + place.size, 4):
        data[at] &= 0xFE
    Path(path).write_bytes(data)
    with Elf.open(path) as elf:
        assert "SSL_nothing" not in exported(elf, NAMES)


def test_a_chain_that_turns_in_a_circle_is_left(built, tmp_path):
    path = tmp_path / "circle.so"
    shutil.copy(built("-Wl,--hash-style=sysv"), path)
    with Elf.open(path) as elf:
        place = next(s for s in elf.sections if s.name == ".hash")
    data = bytearray(path.read_bytes())
    buckets, chains = struct.unpack_from("<II", data, place.offset)
    for index in range(chains):
        struct.pack_into("<I", data, place.offset + 8 + (buckets + index) * 4, index)
    Path(path).write_bytes(data)
    with Elf.open(path) as elf:
        assert "SSL_nothing" not in exported(elf, NAMES)
