import pytest

from hexr_autoinst.dissect.claim import question
from tests.dissect.asked import asked, chosen


@pytest.mark.parametrize(
    ("path", "method", "expected"),
    [
        ("/agents/A/agentAliases/T/sessions/s/text", "POST", "bedrock_agent"),
        ("/agents/s", "POST", "bedrock_agent"),
        ("/agents/A/agentAliases/T/memories", "GET", None),
        ("/flows/F/aliases/T", "POST", "bedrock_flow"),
        ("/flows/F/aliases/T/executions", "POST", None),
        ("/retrieveAndGenerate", "POST", "bedrock_knowledge"),
        ("/retrieveAndGenerateStream", "POST", "bedrock_knowledge"),
        ("/knowledgebases/K/retrieve", "POST", None),
        ("/rerank", "POST", "bedrock_order"),
        ("/sessions", "PUT", None),
        ("/optimize-prompt", "POST", None),
    ],
)
def test_what_asks_an_agent_or_a_model_is_claimed_and_nothing_else(path, method, expected):
    about = question(asked("bedrock-agent-runtime.us-east-1.amazonaws.com", path, {}, method).exchange)
    found = chosen(about)

    assert expected == (found and found.open(about, content=False).dialect.name)
