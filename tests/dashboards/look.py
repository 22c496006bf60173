"""Plays the stage under a real Prometheus and draws both dashboards: build/dashboards/*.html, and *.png where Chromium is.

python -m tests.dashboards.look [ROUNDS]
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.dashboards.draw import LINE, drawn
from tests.dashboards.watched import ROOT, watched


def main(rounds):
    out = ROOT / "build" / "dashboards"
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, watched(Path(folder), rounds) as (prometheus, _):
        paths = sorted((ROOT / "dashboards").glob("*.json"))
        for path in paths:
            (out / f"{path.stem}.html").write_text(drawn(path, prometheus, rounds + 5), encoding="utf-8")
    for path in paths:
        last = json.loads(path.read_text(encoding="utf-8"))["panels"][-1]["gridPos"]
        _photograph(out / f"{path.stem}.html", 80 + (last["y"] + last["h"]) * LINE)
        print(out / f"{path.stem}.html")


def _photograph(page, height):
    chromium = shutil.which("chromium")
    if chromium is None:
        print("chromium is not here: no picture")
        return
    command = [
        chromium, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--window-size=1620,{height}",
        f"--screenshot={page.with_suffix('.png')}", page.as_uri(),
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=60)


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 45)
