from pathlib import Path

import pytest

from hexr_autoinst.capture.ebpf import layout
from hexr_autoinst.errors import LayoutMismatch

BPF = Path(__file__).parent.parent.parent.parent / "bpf"


def test_every_record_is_laid_out_as_the_objects_have_it(objects):
    layout.check(objects)


def changed(record, name, form):
    return layout.Record.of(record.name, [(n, form if n == name else f) for n, f in record.fields])


def test_a_field_of_another_size_is_named_with_its_struct(objects):
    with pytest.raises(LayoutMismatch) as caught:
        layout.check(objects, [changed(layout.Chunk, "lost", "I")])

    assert (caught.value.facts["struct"], caught.value.facts["field"]) == ("chunk", "lost")
    assert "`chunk.lost`" in caught.value.message


def test_a_field_that_moved_is_named(objects):
    fields = list(layout.Health.fields)
    fields[4], fields[5] = fields[5], fields[4]

    with pytest.raises(LayoutMismatch) as caught:
        layout.check(objects, [layout.Record.of("health", fields)])

    assert caught.value.facts["field"] in ("handle", "sent")


def test_a_field_that_only_the_object_has_is_named(objects):
    with pytest.raises(LayoutMismatch) as caught:
        layout.check(objects, [layout.Record.of("gone", layout.Gone.fields[:-1])])

    assert caught.value.facts["field"] == "signal"


def test_a_nested_field_is_named_with_its_path(objects):
    with pytest.raises(LayoutMismatch) as caught:
        layout.check(objects, [changed(layout.Opened, "ends.family", "I")])

    assert caught.value.facts["field"] == "ends.family"


def test_a_struct_that_no_object_has_is_a_mismatch(objects):
    with pytest.raises(LayoutMismatch) as caught:
        layout.check(objects, [layout.Record.of("unheard_of", [("a", "I")])])

    assert caught.value.facts["struct"] == "unheard_of"


def test_a_file_that_is_no_object_is_a_mismatch(tmp_path):
    (tmp_path / "x.bpf.o").write_bytes(b"no object")

    with pytest.raises(LayoutMismatch):
        layout.check([tmp_path / "x.bpf.o"])


def test_pack_fills_what_is_not_given_with_zeros():
    assert layout.FileId.pack(inode=5) == bytes(8) + (5).to_bytes(8, "little")


def test_pack_refuses_a_field_that_does_not_exist():
    with pytest.raises(ValueError):
        layout.FileId.pack(inod=5)


def test_numbers_of_kinds_and_counts_are_those_of_the_header():
    header = (BPF / "events.h").read_text()
    kinds = [
        x.strip().split(" ")[0]
        for x in header.split("enum kind {")[1].split("}")[0].split(",")
        if "KIND_" in x
    ]

    assert [f"KIND_{layout.KINDS[n].upper()}" for n in sorted(layout.KINDS)] == kinds
    counts = header.split("enum count {")[1].split("}")[0].split("COUNT_")[1:]
    assert len(layout.SINGLE) == len(counts) - 2
    assert max(layout.SINGLE) + 1 == layout.SLOTS
