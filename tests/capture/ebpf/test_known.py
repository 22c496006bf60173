import pytest

from hexr_autoinst.capture.ebpf import known
from hexr_autoinst.capture.ebpf.elf import Elf
from hexr_autoinst.capture.ebpf.lookup import Symbol, code, exported

PAIR = ("SSL_read", "SSL_write")


def entries(tmp_path, text):
    path = tmp_path / "known.toml"
    path.write_text(text)
    return known.load(path)


def signature(elf, label="made", wild=True):
    lines = []
    for name, symbol in exported(elf, PAIR).items():
        parts = [f"{b:02x}" for b in code(elf, symbol)]
        if wild:
            parts[1] = "??"
        lines.append(f'{name} = "{" ".join(parts)}"')
    return (
        f'[[signature]]\nlabel = "{label}"\nmachine = "{elf.machine}"\nfunctions = {{ {", ".join(lines)} }}\n'
    )


def test_the_table_of_the_project_can_be_read():
    table = known.load()
    assert all(set(b.functions) >= {"SSL_read"} for b in table.builds.values())


def test_a_build_is_known_by_its_id_alone(built, tmp_path):
    text = '[[build]]\nid = "{}"\nlabel = "bun 9"\nfunctions = {{ SSL_read = [4096, 32] }}\n'
    with Elf.open(built()) as elf:
        assert known.by_build_id(elf, entries(tmp_path, text.format(elf.build_id))) == (
            "bun 9",
            {"SSL_read": Symbol(4096, 32)},
        )
        assert known.by_build_id(elf, entries(tmp_path, text.format("00" * 20))) is None


def test_a_signature_finds_functions_whose_names_are_gone(built, strip, tmp_path, nm):
    path = built()
    with Elf.open(path) as elf:
        table = entries(tmp_path, signature(elf))
    with Elf.open(strip(path)) as elf:
        label, found = known.by_signature(elf, table)

    assert label == "made"
    assert {k: v.vaddr for k, v in found.items()} == {k: nm(path)[k] for k in PAIR}


def test_a_signature_that_fits_twice_is_not_believed(built, tmp_path):
    twice = "int {0}(int *s) {{ return s ? *s * 77 + 123456 : 0x5eed; }}"
    path = built(
        "-fno-ipa-icf", source="\n".join(twice.format(n) for n in ("SSL_read", "again", "SSL_write"))
    )
    with Elf.open(path) as elf:
        assert known.by_signature(elf, entries(tmp_path, signature(elf, wild=False))) is None


def test_two_signatures_that_both_fit_are_not_believed(built, tmp_path):
    with Elf.open(built()) as elf:
        assert known.by_signature(elf, entries(tmp_path, signature(elf) + signature(elf, "other"))) is None


def test_a_signature_for_another_machine_is_not_tried(built, tmp_path):
    with Elf.open(built()) as elf:
        other = "aarch64" if elf.machine == "x86_64" else "x86_64"
        assert known.by_signature(elf, entries(tmp_path, signature(elf).replace(elf.machine, other))) is None


def test_a_signature_of_few_fixed_bytes_is_an_error(tmp_path):
    text = '[[signature]]\nlabel = "x"\nmachine = "x86_64"\nfunctions = { SSL_read = "55 48 89 ?? ?? ?? ?? ?? ?? ?? ?? ??" }\n'
    with pytest.raises(ValueError, match="fewer than 12"):
        entries(tmp_path, text)
