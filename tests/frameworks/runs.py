"""How each framework's agent is started: a command for all, words for each mode, and what stands in its environment. `{...}`: see `play.py`."""

from typing import NamedTuple


class Run(NamedTuple):
    command: list[str]
    modes: dict[str, list[str]]
    env: dict[str, str]


KEY = "sk-planted-0123456789abcdefghij"
OPENAI = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": "{secure}/v1", "OPENAI_API_BASE": "{secure}/v1"}

QUIET = {"CREWAI_DISABLE_TELEMETRY": "true", "CREWAI_TRACING_ENABLED": "false", "OTEL_SDK_DISABLED": "true"}
GOOGLE = {
    "GOOGLE_API_KEY": KEY, "GOOGLE_GEMINI_BASE_URL": "{secure}", "GOOGLE_GENAI_USE_VERTEXAI": "false",
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
}  # fmt: skip


def python(name, modes, env):
    return Run(["{python}", f"{{agents}}/{name}.py"], {m: m.split("_") for m in modes}, env)


# Neither is to reach anything but the local model: run them where there is only loopback (`unshare -n`, then `ip link set lo up`).
CLAUDE = {
    "ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": "{clear}", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1", "DISABLE_AUTOUPDATER": "1",
    "DISABLE_TELEMETRY": "1", "DISABLE_ERROR_REPORTING": "1",
}  # fmt: skip
LOCAL = '{{name="local", base_url="{clear}/v1", wire_api="responses", env_key="OPENAI_API_KEY", request_max_retries=0}}'
CODEX = [
    "{node}/.bin/codex", "exec", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox", "-c", "model_provider=local",
    "-c", "model_providers.local=" + LOCAL, "-c", "model=gpt-5", "-c", "analytics.enabled=false", "-c", "check_for_update_on_startup=false",
]  # fmt: skip

RUNS = {
    "claude_code": Run(
        ["{node}/.bin/claude", "--allowedTools", "Bash,Read,Task,Agent", "-p"],
        {"single": ["Please play claude."], "team": ["Please play claude_team."]},
        CLAUDE,
    ),
    "codex": Run(CODEX, {"single": ["Please play codex."]}, {"OPENAI_API_KEY": KEY, "CODEX_HOME": "{work}"}),
    "langgraph": python("langgraph_agents", ["single", "team", "handoff", "two"], OPENAI),
    "pydantic_ai": python("pydantic_agents", ["single", "team", "structured", "two"], OPENAI),
    "crewai": python("crew_agents", ["single", "team", "delegate", "two"], OPENAI | QUIET),
    "smolagents": python("smol_agents", ["single", "team", "code", "two"], OPENAI),
    "autogen": python("autogen_agents", ["single", "team", "handoff", "turns", "two"], OPENAI),
    "google_adk": python(
        "adk_agents", ["single", "team", "handoff", "two", "single_litellm", "two_litellm"], OPENAI | GOOGLE
    ),
    "openai_agents": python(
        "openai_agents", ["single", "team", "handoff", "two", "single_chat", "two_chat"], OPENAI
    ),
}
