"""Content is what the convention's schemas say, for every fixture."""

import json
from dataclasses import asdict

import pytest
from jsonschema import Draft202012Validator

from tests.dissect.cases import all_cases, exchange_of, told
from tests.dissect.schema import SCHEMAS


@pytest.mark.parametrize("case", all_cases(), ids=lambda c: f"{c.parent.name}/{c.name}")
def test_messages_are_in_the_conventions_schema(case):
    content = told(*exchange_of(case), content=True).content
    wrong = [
        f"{name}: {error.json_path} {error.message[:300]}"
        for name, said in (asdict(content) if content else {}).items()
        if said is not None
        for error in Draft202012Validator(SCHEMAS[name]).iter_errors(json.loads(said))
    ]

    assert wrong == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("input_messages", [{"role": "user"}]),
        ("input_messages", [{"role": "user", "parts": [{"type": "text", "text": "x"}]}]),
        ("output_messages", [{"role": "assistant", "parts": []}]),
        (
            "output_messages",
            [{"role": "assistant", "parts": [{"type": "tool_call"}], "finish_reason": "stop"}],
        ),
        ("tool_definitions", [{"type": "function"}]),
        ("system_instructions", [{"content": "x"}]),
    ],
)
def test_the_schemas_refuse(name, said):
    assert not Draft202012Validator(SCHEMAS[name]).is_valid(said)
