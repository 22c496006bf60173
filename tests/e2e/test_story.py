"""The whole story of an ordinary script, twice: what it did is one tree, in order. Redis is real; token service, bucket and vault are stand-ins."""

import json
import sys
from pathlib import Path

import pytest

from tests import real_redis

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180), real_redis.needed]
SCRIPT = Path(__file__).parent / "clients" / "story_client.py"


@pytest.fixture
def redis(tmp_path):
    with real_redis.serving(tmp_path) as port:
        yield str(port)


def test_a_script_that_knows_of_nobody_is_one_tree(
    daemon, group, collector, libraries, certificate, redis, world, far_model
):
    running = daemon("--door", "ebpf")
    env = {**running.env, "LD_LIBRARY_PATH": str(libraries), "SSL_CERT_FILE": str(certificate[0])}
    args = [sys.executable, str(SCRIPT), redis, world, far_model, "q3"]
    for _ in range(2):
        done = group.run(args, env=env, capture_output=True, text=True)
        assert 0 == done.returncode, done.stderr[-2_000:]
    spans = collector.wait(lambda found: sum(s["name"] == "hexr.agent.invoke" for s in found) == 2, 40)

    first, again = sorted((s for s in spans if s["name"] == "hexr.agent.invoke"), key=lambda s: s["start"])
    assert story(spans, first) == [
        ("hexr.cache.lookup", "L2", False),
        ("hexr.credential.exchange", "aws", 900),
        ("hexr.tool.invoke", "aws_s3", "eu-west-1"),
        ("hexr.llm.chat", "openai", "gpt-4o"),
        ("hexr.vault.get", "openai/api-key"),
    ]
    assert story(spans, again) == [
        ("hexr.cache.lookup", "L2", True),
        ("hexr.tool.invoke", "aws_s3", "eu-west-1"),
        ("hexr.llm.chat", "openai", "gpt-4o"),
        ("hexr.vault.get", "openai/api-key"),
    ]
    assert len(spans) == 11
    assert not any(word in json.dumps(spans) for word in ("PLANTED", "credential:analyst"))
    assert running.account()["balanced"]


TOLD = {
    "hexr.cache.lookup": ("tier", "hit"),
    "hexr.credential.exchange": ("provider", "hexr.credential.expires_in_s"),
    "hexr.tool.invoke": ("service", "region"),
    "hexr.llm.chat": ("gen_ai.provider.name", "gen_ai.request.model"),
    "hexr.vault.get": ("path",),
}


def story(spans, root):
    """What stands directly below the root, in order of time, each with what matters of it."""
    below = sorted(
        (s for s in spans if s["parent"] == root["id"] and s["trace"] == root["trace"]),
        key=lambda s: s["start"],
    )
    return [(s["name"], *(s.get(k) for k in TOLD[s["name"]])) for s in below]
