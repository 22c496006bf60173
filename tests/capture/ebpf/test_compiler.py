import sys

import pytest

from hexr_autoinst.capture.ebpf import compiler, dialect, loaders
from hexr_autoinst.errors import CaptureUnavailable


@pytest.fixture
def home(tmp_path):
    """A folder in the place of Debian's, with a module that says what it is asked to."""
    made = tmp_path / "dist-packages" / "bcc"
    made.mkdir(parents=True)
    (made / "__init__.py").write_text("from .inner import WORD\n")
    (made / "inner.py").write_text("WORD = 'bcc'\n")
    (made.parent / "stranger.py").write_text("")
    return made


def test_without_bcc_it_says_what_to_install(tmp_path):
    assert "apt install python3-bpfcc" in compiler.obstacle(tmp_path / "nowhere")


def test_the_package_of_that_name_on_the_index_is_told_apart(tmp_path, monkeypatch):
    (tmp_path / "bcc.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    assert "another's of that name" in compiler.obstacle(tmp_path / "nowhere")


def test_without_headers_it_says_what_to_install(home, tmp_path, monkeypatch):
    monkeypatch.delenv("BCC_KERNEL_SOURCE", raising=False)
    assert "linux-headers" in compiler.obstacle(home, tmp_path)
    (tmp_path / "sys/kernel").mkdir(parents=True)
    (tmp_path / "sys/kernel/kheaders.tar.xz").touch()
    assert compiler.obstacle(home, tmp_path) == ""


def test_only_bcc_comes_in_from_its_folder(home, monkeypatch):
    monkeypatch.setitem(sys.modules, "bcc", None)
    found = compiler._library(home)

    assert found.WORD == "bcc"
    assert str(home.parent) not in sys.path
    with pytest.raises(ImportError):
        __import__("stranger")


def test_a_kernel_says_by_its_symbols_whether_it_tells_what_a_socket_carried(tmp_path):
    symbols = tmp_path / "kallsyms"
    symbols.write_text("0000 t __traceiter_sched_process_exec\n")
    assert not compiler.says_carried(symbols)
    symbols.write_text("0000 t __traceiter_sock_send_length\n")
    assert compiler.says_carried(symbols)


def test_what_keeps_the_child_from_compiling_is_the_parents_error(monkeypatch):
    def fails():
        raise CaptureUnavailable(detail="no compiler")

    monkeypatch.setattr(compiler, "_library", fails)
    sources = dialect.read(loaders.sources_folder(), says_carried=True)
    with pytest.raises(CaptureUnavailable, match="no compiler"):
        compiler.make(sources, {"data": 1 << 20})


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Need super-user privileges to run", "lockdown, or not root"),
        ("Failed to compile BPF module <text>", "apt install python3-bpfcc linux-headers"),
        ("Failed to load BPF program b'run_state': Invalid argument", "run_state"),
    ],
)
def test_what_bcc_raises_is_one_sentence(said, told):
    assert told in compiler.explained(said)
