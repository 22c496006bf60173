import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from hexr_autoinst.export.store import StoreExporter

ROOT = Path(__file__).parents[2]


class Page:
    """A real page process over a store of its own, on a free port."""

    def __init__(self, folder: Path, port: int = 0, **env: str) -> None:
        self.folder = folder
        self.run = folder / "run"
        self.run.mkdir(exist_ok=True)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "hexr_autoinst.web.page"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            env={
                **{k: v for k, v in os.environ.items() if not k.startswith("HEXR_")},
                "HEXR_CONFIG": os.devnull,
                "HEXR_STATE_DIR": str(folder / "state"),
                "HEXR_RUN_DIR": str(self.run),
                "HEXR_PAGE_PORT": str(port),
                **env,
            },
            pass_fds=[int(env["HEXR_LIFELINE_FD"])] if "HEXR_LIFELINE_FD" in env else [],
        )
        self.said = json.loads(self.process.stdout.readline())
        self.port = self.said.get("port", 0)

    def end(self) -> int:
        self.process.terminate()
        code = self.process.wait(10)
        self.process.stdout.close()
        return code


@pytest.fixture
def store(tmp_path):
    exporter = StoreExporter(tmp_path / "state" / "store" / "spans.db", 64, 365_000)
    yield exporter
    exporter.shutdown()


@pytest.fixture
def page(tmp_path):
    served = Page(tmp_path)
    yield served
    served.end()
