"""Writes the dashboards from their panels.

python dashboards/generate.py            write the files (make dashboards)
python dashboards/generate.py --check    exit 1 when a file is not what the panels say
"""

import json
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))


def files() -> dict[Path, str]:
    """Every file and its text."""
    from dashboards import a2a_communication, grafana, platform_overview

    return {
        HERE / name: json.dumps(grafana.to_json(module.DASHBOARD), indent=1, ensure_ascii=False) + "\n"
        for name, module in (
            ("platform-overview.json", platform_overview),
            ("a2a-communication.json", a2a_communication),
        )
    }


def main() -> int:
    """The verb."""
    stale = {
        path: text
        for path, text in files().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    }
    if "--check" in sys.argv:
        print("\n".join(f"{path} is not what its panels say: run `make dashboards`" for path in stale))
        return 1 if stale else 0
    for path, text in stale.items():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
