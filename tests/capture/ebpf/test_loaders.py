import pytest

from hexr_autoinst.capture.ebpf import loaders
from hexr_autoinst.errors import CaptureUnavailable

LACKS = "bcc is not installed; on Debian: `apt install python3-bpfcc`"


@pytest.mark.parametrize(
    ("asked", "btf", "lacks", "loader", "fallen_back", "said"),
    [
        ("auto", True, LACKS, "libbpf", False, ""),
        ("auto", False, "", "bcc", True, ""),
        ("auto", False, LACKS, "bcc", True, "apt install python3-bpfcc"),
        ("bcc", True, "", "bcc", False, ""),
        ("bcc", False, LACKS, "bcc", False, "apt install python3-bpfcc"),
        ("libbpf", True, LACKS, "libbpf", False, ""),
        ("libbpf", False, "", "libbpf", False, "--loader bcc"),
    ],
)
def test_the_loader_is_chosen_by_what_the_kernel_has_and_what_was_asked_for(
    asked, btf, lacks, loader, fallen_back, said
):
    choice = loaders.choose(asked, btf=btf, obstacle=lambda: lacks)

    assert (loader, fallen_back) == (choice.loader, choice.fallen_back)
    assert said in choice.obstacle
    assert bool(said) == bool(choice.obstacle)


def test_what_is_in_the_way_is_told_before_anything_is_loaded(tmp_path):
    choice = loaders.choose("bcc", btf=False, obstacle=lambda: LACKS)
    with pytest.raises(CaptureUnavailable, match="python3-bpfcc"):
        loaders.load(choice, tmp_path, tmp_path, None)


def test_the_objects_are_where_the_environment_says(monkeypatch, tmp_path):
    monkeypatch.setenv("HEXR_BPF_DIR", str(tmp_path))
    assert loaders.objects_folder() == tmp_path


def test_without_a_word_they_are_in_the_package_or_in_the_built_tree(monkeypatch):
    monkeypatch.delenv("HEXR_BPF_DIR", raising=False)
    assert loaders.objects_folder().parts[-2:] in (("build", "bpf"), ("ebpf", "objects"))


def test_the_sources_are_there():
    assert (loaders.sources_folder() / "events.h").exists()


def test_a_hidden_description_is_none(tmp_path):
    hidden = tmp_path / "vmlinux"
    assert not loaders.described(hidden)
    hidden.touch()
    assert not loaders.described(hidden)
    hidden.write_bytes(b"\x9f\xeb\x01\x00")
    assert loaders.described(hidden)
