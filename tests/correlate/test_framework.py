import pytest

from hexr_autoinst.correlate.framework import framework


@pytest.mark.parametrize(
    ("hints", "client", "name"),
    [
        (("openai", "langgraph"), "", "langgraph"),
        (("langchain_core",), "", "langchain"),
        (("openai",), "", "openai"),
        ((), "OpenAI/Python 1.99.0 python CPython", "openai"),
        ((), "Agents/Python 0.3.0", "openai-agents"),
        ((), "Anthropic/JS 0.60.0 js node", "anthropic"),
        ((), "claude-cli/1.0.83 (external, cli)", "claude-code"),
        ((), "langchain-openai/0.3 OpenAI/Python", "langchain"),
        (("crewai",), "OpenAI/Python 1.99.0", "crewai"),
        (("numpy",), "curl/8.5", ""),
        ((), "notopenai/1 xgroqx", ""),
        ((), "", ""),
    ],
)
def test_the_most_telling_mark_wins(hints, client, name):
    assert framework(hints, client) == name
