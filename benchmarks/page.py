"""A benchmark's table in docs/performance.md: between its own two marks, everything else stays as it is."""

from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"


def write(name, text):
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    before, found, rest = PAGE.read_text().partition(begin)
    if not found:
        raise SystemExit(f"{PAGE} has no place for {name}")
    PAGE.write_text(f"{before}{begin}\n{text}\n{end}{rest.partition(end)[2]}")
