"""What is no model's call on the hosts of those that have others: it is claimed by nobody."""

import pytest

from tests.dissect.asked import asked, chosen

CHAT = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}


@pytest.mark.parametrize(
    ("host", "path", "body"),
    [
        (
            "dbc-1.cloud.databricks.com",
            "/serving-endpoints/churn/invocations",
            {"dataframe_split": {"data": [[1]]}},
        ),
        ("dbc-1.cloud.databricks.com", "/serving-endpoints/churn/invocations", {"inputs": [[1]]}),
        ("dbc-1.cloud.databricks.com", "/api/2.0/sql/statements", {"statement": "select 1"}),
        ("acme.snowflakecomputing.com", "/api/v2/statements", {"statement": "select 1"}),
        ("acme.snowflakecomputing.com", "/api/v2/cortex/search-services/x:query", {"query": "x"}),
        ("api.cloudflare.com", "/client/v4/accounts/a/workers/scripts", {"prompt": "x"}),
        ("api.cloudflare.com", "/client/v4/accounts/a/ai/run/@cf/openai/whisper", {"audio": [1]}),
        ("api.perplexity.ai", "/search", {"query": "x"}),
        ("openrouter.ai", "/api/v1/credits/coinbase", {"amount": 5}),
        ("api.x.ai", "/v1/tokenize-text", {"model": "grok-4", "text": "x"}),
        ("api.deepseek.com", "/user/balance", {}),
        ("api.fireworks.ai", "/v1/accounts/a/deployments", {"model": "m"}),
        ("unit.services.ai.azure.com", "/api/projects/p/agents/v1.0/threads", {"messages": []}),
        ("unit.openai.azure.com", "/openai/files", {"purpose": "batch"}),
        ("api.v0.dev", "/v1/chats", {"message": "x"}),
        ("ark.cn-beijing.volces.com", "/api/v3/files", {"purpose": "x"}),
        ("localhost", "/v1/tokenize", {"model": "m", "prompt": "x"}),
        ("localhost", "/surveys/7/embeddings", {"name": "x"}),
    ],
)
def test_nobody_claims_it(host, path, body):
    assert chosen(asked(host, path, body)) is None


@pytest.mark.parametrize(
    ("host", "path"),
    [
        ("openrouter.ai", "/api/v1/generation"),
        ("openrouter.ai", "/api/v1/models"),
        ("api.perplexity.ai", "/async/chat/completions"),
        ("api.x.ai", "/v1/language-models"),
        ("models.github.ai", "/catalog/models"),
        ("unit.openai.azure.com", "/openai/batches/b"),
        ("unit.services.ai.azure.com", "/models/info"),
    ],
)
def test_nobody_claims_a_list_or_an_account(host, path):
    assert chosen(asked(host, path, b"", "GET")) is None


@pytest.mark.parametrize(
    ("host", "path", "expected"),
    [
        ("api.studio.nebius.com", "/v1/chat/completions", "nebius"),
        ("api.tokenfactory.nebius.com", "/v1/chat/completions", "nebius"),
        ("nebius.com", "/v1/chat/completions", "openai"),
        ("ark.cn-shanghai.volces.com", "/api/coding/v3/chat/completions", "volcengine"),
        ("model-1.api.baseten.co", "/deployment/d/sync/v1/chat/completions", "baseten"),
        (
            "mixtral-8x7b.endpoints.kepler.ai.cloud.ovh.net",
            "/api/openai_compat/v1/chat/completions",
            "ovhcloud",
        ),
        ("eu-west-1.api.x.ai", "/v1/chat/completions", "x_ai"),
        ("unit.openai.azure.cn", "/openai/deployments/d/chat/completions", "azure_openai"),
        ("api.business.githubcopilot.com", "/responses", "github_copilot"),
        ("api.z.ai", "/api/coding/paas/v4/chat/completions", "zhipu"),
        ("api.kimi.com", "/coding/v1/chat/completions", "moonshot"),
    ],
)
def test_a_vendor_is_known_on_each_of_its_hosts(host, path, expected):
    body = {**CHAT, "input": "x"}

    assert chosen(asked(host, path, body)).name == expected
