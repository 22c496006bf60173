"""What was recorded of agents on each framework is told as the tree that a person has checked: names and parents, ids and times aside."""

import gzip
import re
from pathlib import Path

import pytest

from tests.frameworks import trees
from tests.frameworks.runs import RUNS

GOLDENS = Path(__file__).parent / "goldens"
FILES = sorted(GOLDENS.glob("*/*.hexr"))
IDS = [f"{f.parent.name}/{f.stem}" for f in FILES]


def golden(file):
    return file.with_suffix(".txt").read_text().splitlines()


@pytest.mark.parametrize("file", FILES, ids=IDS)
def test_each_run_is_told_as_its_golden_tree(file):
    assert trees.tree(trees.told(file)) == golden(file)


def test_every_framework_has_a_golden_of_each_of_its_runs():
    assert {(f.parent.name, f.stem) for f in FILES} == {
        (name, mode) for name, run in RUNS.items() for mode in run.modes
    }


def test_every_root_says_its_framework():
    roots = [line for f in FILES for line in golden(f) if line.startswith("agent.invoke ")]

    assert roots
    assert [r for r in roots if len(r.split()) < 4 or r.split()[3].startswith("links")] == []


def test_of_all_spans_at_most_two_in_a_hundred_are_linked_for_want_of_evidence():
    lines = [line for f in FILES for line in golden(f)]
    linked = [line for line in lines if "links=" in line]

    assert len(linked) <= len(lines) * 0.02, linked


@pytest.mark.parametrize("file", FILES, ids=IDS)
def test_a_golden_is_small_and_holds_nothing_of_the_machine_that_made_it(file):
    raw = gzip.decompress(file.read_bytes())

    assert file.stat().st_size < 100_000
    assert re.findall(rb"/(?:tmp|root|home|work|opt)/[\w./-]*|sk-planted|hexr-(?:play|test)", raw) == []
    assert b'"host": "host"' in raw.partition(b"\n")[0]
