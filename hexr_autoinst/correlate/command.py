"""What a command line says: the program's own name behind its interpreter, and the runtime. Nothing is run."""

import re
from pathlib import PurePosixPath
from typing import Final

_RUNTIMES: Final = (
    (re.compile(r"(pypy|python)[\d.]*(-.*)?|python[\d.]*[a-z]?|uwsgi"), "python"),
    (re.compile(r"node(js)?[\d.]*"), "node"),
    (re.compile(r"bunx?"), "bun"),
    (re.compile(r"deno"), "deno"),
    (re.compile(r"ruby[\d.]*"), "ruby"),
    (re.compile(r"perl[\d.]*"), "perl"),
    (re.compile(r"php[\d.]*(-.*)?"), "php"),
    (re.compile(r"java"), "java"),
    (re.compile(r"dotnet"), "dotnet"),
    (re.compile(r"(ba|da|z|k|c|fi|a)?sh"), "shell"),
)
# Flags that take the next word with them, from each interpreter's own --help.
_WITH_VALUE: Final = {
    "python": frozenset({"-W", "-X", "-Q", "--check-hash-based-pycs"}),
    "node": frozenset(
        {"-r", "--require", "--import", "--loader", "--experimental-loader", "-C", "--conditions",
         "--env-file", "--icu-data-dir", "--title", "--openssl-config", "--input-type"}
    ),
    "bun": frozenset({"-r", "--preload", "--cwd", "-c", "--config", "--env-file", "--define", "-d"}),
    "deno": frozenset({"-c", "--config", "--import-map", "--lock", "-r", "--cert", "--location", "--env-file"}),
    "ruby": frozenset({"-I", "-r", "-E", "-C"}),
    "perl": frozenset({"-I"}),
    "php": frozenset({"-c", "-d", "-S", "-t"}),
    "java": frozenset({"-cp", "-classpath", "--class-path", "-p", "--module-path", "--add-modules"}),
    "shell": frozenset({"-o", "-O", "+O", "--rcfile", "--init-file"}),
}  # fmt: skip
_NAMES_NEXT: Final = {
    "python": frozenset({"-m"}),
    "java": frozenset({"-jar", "-m", "--module"}),
    "php": frozenset({"-f"}),
}
_INLINE: Final = {
    "python": frozenset({"-c"}),
    "node": frozenset({"-e", "-p", "--eval", "--print", "-pe", "-i"}),
    "bun": frozenset({"-e", "-p", "--eval", "--print"}),
    "ruby": frozenset({"-e"}),
    "perl": frozenset({"-e", "-E", "-ne", "-pe"}),
    "php": frozenset({"-r"}),
    "shell": frozenset({"-c", "-lc", "-ic", "-ec", "-s", "-i", "-l"}),
}
_SUBCOMMANDS: Final = {"bun": frozenset({"run", "x"}), "deno": frozenset({"run", "serve"})}
_SERVERS: Final = frozenset({"uvicorn", "gunicorn", "hypercorn", "granian"})
_RUNNERS: Final = frozenset({"tsx", "ts-node", "npx", "npx-cli", "uvx"})
_SUFFIXES: Final = frozenset(
    {".py", ".pyc", ".pyw", ".pyz", ".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".tsx", ".jsx", ".sh", ".rb",
     ".pl", ".php", ".jar", ".dll"}
)  # fmt: skip
_NOBODY: Final = frozenset({"index", "__main__", "__init__"})
_FOLDERS: Final = frozenset({"dist", "build", "src", "lib", "bin", "out", "esm", "cjs", "", "/", ".", ".."})
_LONGEST: Final = 128
_WORKER: Final = 8  # words of a command line in which a worker of Python's shows
_LANGUAGES: Final = {
    "python": "python", "node": "javascript", "bun": "javascript", "deno": "javascript", "ruby": "ruby", "perl": "perl",
    "php": "php", "shell": "",
}  # fmt: skip


def runtime(exe: str) -> str:
    """`python`, `node` …, or "" for a program that is its own."""
    name = executable(exe)
    return next((word for pattern, word in _RUNTIMES if pattern.fullmatch(name) and word != "shell"), "")


def executable(exe: str) -> str:
    """The file's name; the kernel marks a deleted one at its end (proc_pid_exe(5))."""
    return PurePosixPath(exe.removesuffix(" (deleted)")).name[:_LONGEST]


def program(args: tuple[str, ...], exe: str) -> str:
    """The script or module that an interpreter runs, "" where there is none to name."""
    if args and args[0].startswith("npm exec "):  # npm rewrites its own command line
        return _package(args[0].split()[2:])
    kind = _kind(exe) or (_kind(args[0]) if args and not exe else "")
    if not kind:
        return ""
    return _of_interpreter(kind, args[1:])


def language(args: tuple[str, ...], exe: str) -> str:
    """The language of the code that an interpreter is given: a script, a text, its standard input. "" for a module, a package, and all else."""
    kind = _kind(exe) or (_kind(args[0]) if args and not exe else "")
    if kind not in _LANGUAGES or _is_worker(kind, args):
        return ""
    words = args[1:]
    if kind == "python" and any(
        w == "-m" or (w.startswith("-m") and len(w) > 2) for w in _flags(kind, words)
    ):
        return ""
    name = executable(exe or args[0])
    return name if kind == "shell" else _LANGUAGES[kind]


def _flags(kind: str, words: tuple[str, ...]) -> list[str]:
    """The words before the program, or before the text that is one."""
    found: list[str] = []
    value = False
    for word in words:
        if not value and (not word.startswith(("-", "+")) or word in _INLINE.get(kind, ())):
            break
        value = not value and word in _WITH_VALUE.get(kind, ())
        found.append(word)
    return found


def _is_worker(kind: str, args: tuple[str, ...]) -> bool:
    """Python's own workers: https://docs.python.org/3/library/multiprocessing.html#contexts-and-start-methods"""
    return kind == "python" and any(w.startswith("from multiprocessing.") for w in args[:_WORKER])


def _kind(exe: str) -> str:
    name = executable(exe)
    return next((word for pattern, word in _RUNTIMES if pattern.fullmatch(name)), "")


def _of_interpreter(kind: str, words: tuple[str, ...]) -> str:
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word in _INLINE.get(kind, ()) or word == "-":
            return ""
        if word in _NAMES_NEXT.get(kind, ()):
            return _module(rest)
        if kind == "python" and word.startswith("-m") and len(word) > 2:  # `-manalyst`, as getopt allows
            return _module([word[2:], *rest])
        if word in _WITH_VALUE.get(kind, ()):
            del rest[:1]
        elif word in _SUBCOMMANDS.get(kind, ()) or word.startswith(("-", "+")):
            continue
        else:
            return _script(word, rest)
    return ""


def _module(rest: list[str]) -> str:
    if not rest:
        return ""
    name = rest[0].removesuffix(".__main__")
    if name in _SERVERS:
        return _application(rest[1:]) or name
    return _script(name, []) if "/" in name else name.removesuffix(".jar")[:_LONGEST]


def _script(path: str, rest: list[str]) -> str:
    pure = PurePosixPath(path.removeprefix("file://"))
    name = pure.stem if pure.suffix in _SUFFIXES else pure.name
    if name in _SERVERS:
        return _application(rest) or name
    if name in _RUNNERS:
        return _package(rest) or name
    if name in _NOBODY:
        above = next((p for p in reversed(pure.parts[:-1]) if p not in _FOLDERS), "")
        return above[:_LONGEST] or name
    return name[:_LONGEST]


def _application(rest: list[str]) -> str:
    """`uvicorn shop.main:app` runs shop.main."""
    found = next((w for w in rest if re.fullmatch(r"[A-Za-z_][\w.]*:[\w.()]+", w)), "")
    return found.partition(":")[0][:_LONGEST]


def _package(rest: list[str]) -> str:
    """`npx -y @scope/tool@1.2 …` runs tool; `tsx src/agent.ts` runs agent."""
    word = next((w for w in rest if not w.startswith("-")), "")
    if word.startswith("@") and "/" in word:
        word = word.partition("/")[2]
    word = word.partition("@")[0]
    return _script(word, []) if word else ""
