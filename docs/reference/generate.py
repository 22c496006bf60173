"""Writes this folder's pages from the code itself: verbs, configuration keys, metrics, providers.

python docs/reference/generate.py            write the pages (make docs)
python docs/reference/generate.py --check    exit 1 when a page is not what the code says
"""

import contextlib
import io
import os
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
README = ROOT / "README.md"
sys.path.insert(0, str(ROOT))
BEGIN, END = "<!-- help: begin -->", "<!-- help: end -->"


def help_of(*verb: str) -> str:
    from hexr_autoinst.cli import main

    os.environ["COLUMNS"] = "100"
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.suppress(SystemExit):
        main([*verb, "--help"])
    return out.getvalue().rstrip()


def cli() -> Iterator[str]:
    from hexr_autoinst.cli import VERBS

    yield "# Verbs\n"
    for verb in VERBS:
        yield f"## {verb}\n\n```\n{help_of(verb)}\n```\n"


def configuration() -> Iterator[str]:
    from hexr_autoinst.config import Config

    yield "# Configuration\n"
    yield "`/etc/hexr-autoinst/config.toml`, each key also as `HEXR_<UPPER>`; command line over environment over file.\n"
    yield "| key | default | meaning |\n|---|---|---|"
    for field in fields(Config):
        yield f"| `{field.name.rstrip('_')}` | `{field.default!r}` | {field.metadata['help']} |"
    yield ""


def metrics() -> Iterator[str]:
    from hexr_autoinst.semconv.instruments import INSTRUMENTS

    yield "# Metrics\n"
    yield "Every point also carries `agent` and `tenant` where it is an agent's.\n"
    yield "| metric | kind | unit | labels | |\n|---|---|---|---|---|"
    for spec in INSTRUMENTS.values():
        labels = ", ".join(f"`{label}`" for label in spec.labels)
        yield f"| `{spec.name}` | {spec.kind} | `{spec.unit}` | {labels} | {spec.description} |"
    yield ""


def providers() -> Iterator[str]:
    """Every provider's endpoints, and the facts that are told of each: see facts.py."""
    from docs.reference import facts

    return facts.page()


PAGES = {"cli.md": cli, "configuration.md": configuration, "metrics.md": metrics, "providers.md": providers}


def readme() -> str:
    text = README.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n```\n{help_of()}\n```\n{END}{after}"


def main() -> int:
    wanted = {HERE / name: "\n".join(page()) for name, page in PAGES.items()}
    wanted[README] = readme()
    stale = [
        path for path, text in wanted.items() if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    if "--check" in sys.argv:
        print("\n".join(f"{path} is not what the code says: run `make docs`" for path in stale))
        return 1 if stale else 0
    for path in stale:
        path.write_text(wanted[path], encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
