"""The proxy door by itself, and both doors at once: one call is told once."""

import json
import os
import shutil
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]
HERE = Path(__file__).parent / "clients"


def chats(spans):
    return [s for s in spans if s["name"] == "hexr.llm.chat"]


@pytest.fixture
def proxied(daemon, group, libraries, certificate, far_model):
    """Start a daemon with these doors; run a program under `hexr-autoinst run --` in the observed group."""

    def start(*doors):
        # The proxy must trust the local model server as it trusts a public one.
        running = daemon(*doors, env={"HEXR_UPSTREAM_CA": str(certificate[0])})
        running.await_worker()

        def run(*args, **more):
            env = {**running.env, "LD_LIBRARY_PATH": str(libraries), **more}
            done = group.run(
                [running.command, "run", "--", *map(str, args)], env=env, capture_output=True, text=True
            )
            assert 0 == done.returncode, done.stderr[-2_000:]
            return done

        return running, run

    start.base = far_model
    return start


@pytest.mark.parametrize("mode", ["openai", "openai-stream", "anthropic-stream", "openai-async"])
def test_python_under_run_is_told_by_the_proxy(proxied, collector, mode):
    _, run = proxied("--door", "proxy")
    said = json.loads(run(sys.executable, HERE / "python_client.py", mode, proxied.base).stdout)
    (span,) = chats(collector.wait(lambda s: len(chats(s)) >= 1))

    assert "proxy" == span["hexr.capture.source"]
    assert (said["id"], said["model"], said["in"], said["out"]) == (
        span["gen_ai.response.id"], span["gen_ai.response.model"], span["gen_ai.usage.input_tokens"], span["gen_ai.usage.output_tokens"],
    )  # fmt: skip
    assert "127.0.0.2" == span["server.address"]
    assert "python_client" == span["resource"]["service.name"]


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not here")
def test_curl_under_run_is_told_by_the_proxy(proxied, collector):
    _, run = proxied("--door", "proxy")
    body = json.dumps({"model": "gpt-4o", "messages": [{"role": "user", "content": "words: 5"}]})
    done = run(
        "curl",
        "-sS",
        f"{proxied.base}/v1/chat/completions",
        "-H",
        "Content-Type: application/json",
        "-d",
        body,
    )
    (span,) = chats(collector.wait(lambda s: len(chats(s)) >= 1))

    assert json.loads(done.stdout)["id"] == span["gen_ai.response.id"]
    assert "proxy" == span["hexr.capture.source"]


def test_a_node_that_knows_proxy_variables_is_told_by_the_proxy(proxied, collector):
    node, modules = os.environ.get("HEXR_TEST_NODE", ""), os.environ.get("HEXR_TEST_NODE_MODULES", "")
    if not (shutil.which(node) and modules):
        pytest.skip("no node of 22.21 or newer is here (HEXR_TEST_NODE, HEXR_TEST_NODE_MODULES)")
    _, run = proxied("--door", "proxy")
    said = json.loads(run(node, HERE / "node_client.js", "stream", proxied.base, NODE_PATH=modules).stdout)
    (span,) = chats(collector.wait(lambda s: len(chats(s)) >= 1))

    assert (said["id"], said["out"]) == (span["gen_ai.response.id"], span["gen_ai.usage.output_tokens"])
    assert "proxy" == span["hexr.capture.source"]


@pytest.mark.parametrize("mode", ["openai", "openai-stream", "openai-async-stream"])
def test_both_doors_at_once_tell_one_call_once(proxied, collector, mode):
    running, run = proxied()
    said = json.loads(run(sys.executable, HERE / "python_client.py", mode, proxied.base).stdout)
    collector.wait(lambda s: len(chats(s)) >= 1)
    running.stop()
    spans = chats(collector.spans)

    assert 1 == len(spans)
    assert ["ebpf", "proxy"] == sorted(spans[0]["hexr.capture.seen_by"])
    assert (said["id"], said["out"]) == (
        spans[0]["gen_ai.response.id"],
        spans[0]["gen_ai.usage.output_tokens"],
    )
