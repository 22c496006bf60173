"""What the dissectors make of a trial's bytes, beside what the SDK made of them. Usage: compare.py TRIAL.har…"""

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from hexr_autoinst.capture.replay import read, session
from hexr_autoinst.config import load
from hexr_autoinst.pipeline import Pipeline
from hexr_autoinst.settings import settings

NO_CALL = "hexr.llm."


def spans(path: Path) -> dict[str, list[tuple[str, dict[str, Any], str]]]:
    """By the id of its exchange: name, attributes and status of every span."""
    pipeline = Pipeline(settings(load({}), session(path)), strict=True)
    found: dict[str, list[Any]] = {}
    for fact in read(path):
        for told in pipeline.feed(fact):
            attributes = dict(getattr(told, "attributes", None) or {})
            if "hexr.exchange.id" in attributes and hasattr(told, "status"):
                found.setdefault(attributes["hexr.exchange.id"], []).append(
                    (told.name, attributes, told.status.status_code.name)
                )
    return found


def differences(entry: dict[str, Any], mine: list[tuple[str, dict[str, Any], str]]) -> list[str]:
    """Every fact that is told otherwise. A fact is (key: value); None: must be absent; a list is compared in order."""
    facts = entry["_facts"]
    if not entry["_last"]:
        return []
    calls = [m for m in mine if m[0].startswith(NO_CALL) and "gen_ai.provider.name" in m[1]]
    if facts is None:
        return [f"told as {c[0]}" for c in calls]
    wanted = facts.pop("span", None)
    if wanted:
        calls = [m for m in mine if m[0] == wanted]
    if len(calls) != 1:
        return [
            f"{len(calls)} spans {[m[0] for m in mine]} {entry['request']['method']} {entry['request']['url'][:90]}"
        ]
    attributes = calls[0][1]
    status = facts.pop("status", None)
    out = [f"status {calls[0][2]}, not {status}"] if status and calls[0][2] != status else []
    for key, value in facts.items():
        told = attributes.get(key)
        told = list(told) if isinstance(told, tuple) else told
        if value == "*" and told is not None:
            continue
        if told != value and not (value in (None, 0, []) and told in (None, 0, [])):
            out.append(f"{key}: told {told!r}, said {value!r}")
    if attributes.get("hexr.capture.complete") is False and "hexr.capture.missing" not in facts:
        out.append(f"incomplete: {attributes.get('hexr.capture.missing')}")
    return out


def main() -> None:
    total = 0
    for path in map(Path, sys.argv[1:]):
        entries = json.loads(path.read_text())["log"]["entries"]
        told = spans(path)
        found = {e["_id"]: d for e in entries if (d := differences(e, told.get(e["_id"], [])))}
        facts = sum(len(e["_facts"] or [1]) for e in entries if e["_last"])
        total += len(found)
        print(f"{path.stem:24} {len(entries):5} exchanges {facts:6} facts {len(found):5} differ")
        kinds = Counter(d.split(":")[0] for ds in found.values() for d in ds)
        print("   ", dict(kinds.most_common(12))) if kinds else None
        for name, lines in list(found.items())[: int(__import__("os").environ.get("SHOW", "15"))]:
            print("   ", name, "|", "; ".join(lines)[:600])
    sys.exit(bool(total))


if __name__ == "__main__":
    main()
