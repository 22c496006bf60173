"""What a vendor's own SDK reads out of an answer is what is told of it: the trials whose SDKs the tests have anyway."""

import importlib
import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # the trials are programs: each imports its neighbors by name

import compare

TRIALS = ("openai", "anthropic")


@pytest.mark.filterwarnings(
    "ignore"
)  # what an SDK says of its own deprecations, and the sockets that its clients leave open
@pytest.mark.parametrize("sdk", TRIALS)
def test_what_the_sdk_reads_is_told(sdk, tmp_path, monkeypatch):
    pytest.importorskip(sdk)
    monkeypatch.setattr(sys, "argv", ["trial", str(tmp_path)])
    importlib.import_module(f"trial_{sdk}").main()
    path = tmp_path / f"{sdk}.har"
    entries = json.loads(path.read_text())["log"]["entries"]
    told = compare.spans(path)

    assert len(entries) > 200
    assert [(e["_id"], d) for e in entries if (d := compare.differences(e, told.get(e["_id"], [])))] == []
