"""The laws of docs/internals/map.md, held by machine: words have rooms, files have mirrors, modules have laws."""

import ast
import io
import subprocess
import sys
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CODE = sorted(p for top in ("hexr_autoinst", "proxy_addons") for p in (ROOT / top).rglob("*.py"))
LONGEST = 300

# The demo's model server is the other end of the wire: it speaks as vendors do.
DEMO = "hexr_autoinst/demo/"

# word -> the places (prefixes below the root) where it may be spelled in code
ROOMS = {
    "gen_ai.": ("hexr_autoinst/semconv/",),
    "ringbuf": ("hexr_autoinst/capture/ebpf/",),
    "uprobe": ("hexr_autoinst/capture/ebpf/",),
    "ctypes": ("hexr_autoinst/capture/ebpf/", "hexr_autoinst/drop.py"),
    "text/event-stream": ("hexr_autoinst/wire/", DEMO),
    "chunked": ("hexr_autoinst/wire/", DEMO),
    "prompt_tokens": ("hexr_autoinst/dissect/", DEMO),
    "cache_read_input_tokens": ("hexr_autoinst/dissect/", DEMO),
    "stop_reason": ("hexr_autoinst/dissect/", DEMO),
}
# Doors and data that have no behavior to mirror.
NO_MIRROR = {"__init__.py", "__main__.py"}
# A provider is data: its mirror is its fixture folder, which the golden tests find by themselves.
PROVIDERS = ROOT / "hexr_autoinst" / "dissect" / "providers"


def code_words(path: Path) -> str:
    """The file without comments and docstrings: what is executed."""
    source = path.read_text(encoding="utf-8")
    kept = []
    previous = tokenize.NEWLINE
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        docstring = token.type == tokenize.STRING and previous in (
            tokenize.NEWLINE,
            tokenize.INDENT,
            tokenize.NL,
        )
        if token.type != tokenize.COMMENT and not docstring:
            kept.append(token.string)
        if token.type not in (tokenize.COMMENT, tokenize.NL, tokenize.DEDENT):
            previous = token.type
    return " ".join(kept)


@pytest.mark.parametrize("word", ROOMS)
def test_a_word_is_spelled_only_in_its_room(word):
    wrong = [
        str(p.relative_to(ROOT))
        for p in CODE
        if not str(p.relative_to(ROOT)).startswith(ROOMS[word]) and word in code_words(p)
    ]

    assert wrong == []


def test_imports_face_one_way():
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout


def test_every_module_of_the_package_stands_in_a_room():
    rooms = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    top = {
        p.stem if p.is_file() else p.name
        for p in (ROOT / "hexr_autoinst").iterdir()
        if p.suffix == ".py" or (p / "__init__.py").exists()
    }
    homeless = [name for name in top - {"__init__"} if f"hexr_autoinst.{name}" not in rooms]

    assert homeless == []


def test_every_source_file_has_its_mirror_test():
    def mirror(path: Path) -> Path:
        if path.parent == PROVIDERS:
            return ROOT / "tests" / "exchanges" / path.stem
        below = path.relative_to(ROOT)
        parts = below.parts[1:] if below.parts[0] == "hexr_autoinst" else below.parts
        return ROOT / "tests" / Path(*parts[:-1]) / f"test_{parts[-1]}"

    missing = [str(p.relative_to(ROOT)) for p in CODE if p.name not in NO_MIRROR and not mirror(p).exists()]

    assert missing == []


def test_every_module_begins_with_its_law():
    silent = [
        str(p.relative_to(ROOT))
        for p in CODE
        if not ast.get_docstring(ast.parse(p.read_text(encoding="utf-8")))
    ]

    assert silent == []


def test_no_file_is_longer_than_one_law_can_hold():
    long = {
        str(p.relative_to(ROOT)): n
        for p in CODE
        if (n := len(p.read_text(encoding="utf-8").splitlines())) > LONGEST
    }

    assert long == {}


def test_an_except_that_swallows_counts():
    """`except Exception: pass` hides a loss: law 9 wants a count, a re-raise or an answer."""
    silent = []
    for path in CODE:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.ExceptHandler):
                continue
            broad = node.type is None or (
                isinstance(node.type, ast.Name) and node.type.id in ("Exception", "BaseException")
            )
            if broad and all(isinstance(s, ast.Pass) for s in node.body):
                silent.append(f"{path.relative_to(ROOT)}:{node.lineno}")

    assert silent == []
