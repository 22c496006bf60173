import json

import pytest

from hexr_autoinst.capture.stream import frame, header
from hexr_autoinst.cli import main
from tests.test_pipeline import PLANTED, facts


@pytest.fixture
def recording(tmp_path):
    from hexr_autoinst.model.facts import END_OF_TIME

    path = tmp_path / "facts.hexr"
    kept = [f for f in facts() if f.at != END_OF_TIME]
    path.write_bytes(
        header("recording", salt="aa", key="bb", host="h", clock_offset=0) + b"".join(map(frame, kept))
    )
    return path


def test_a_recording_gives_its_spans_as_otlp_json_lines(recording, tmp_path, capsys):
    out = tmp_path / "spans.jsonl"

    assert main(["replay", str(recording), "--output", str(out)]) == 0
    names = [
        s["name"]
        for line in out.read_text().splitlines()
        for r in json.loads(line)["resourceSpans"]
        for c in r["scopeSpans"]
        for s in c["spans"]
    ]
    assert names == ["hexr.llm.chat", "hexr.agent.invoke"]
    assert "2 spans; facts: 8 issued = 2 told + 3 ignored + 3 dropped + 0 open" in capsys.readouterr().err


def test_the_same_file_gives_the_same_bytes_and_no_credential(recording, capsys):
    main(["replay", str(recording)])
    first = capsys.readouterr().out
    main(["replay", str(recording)])

    assert first == capsys.readouterr().out
    assert PLANTED not in first


def test_what_is_no_recording_is_one_sentence(tmp_path, capsys):
    path = tmp_path / "x"
    path.write_text("nothing of ours")

    assert main(["replay", str(path)]) == 65
    assert str(path) in capsys.readouterr().err
