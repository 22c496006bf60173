"""A benchmark's table on a page of docs/: between its own two marks, everything else stays as it is."""

from pathlib import Path

DOCS = Path(__file__).parent.parent / "docs"
PAGE = DOCS / "performance.md"


def write(name, text, page=PAGE):
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    before, found, rest = page.read_text().partition(begin)
    if not found:
        raise SystemExit(f"{page} has no place for {name}")
    page.write_text(f"{before}{begin}\n{text}\n{end}{rest.partition(end)[2]}")
