"""Unmodified clients, no variable set that names us: spans exact to the token, id, model and finish reason."""

import json
import os
import shutil
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]
HERE = Path(__file__).parent / "clients"
PLANTED = ("sk-planted-0123456789abcdefghij", "sk-ant-planted-0123456789abcdef")
MODES = (
    "openai", "openai-stream", "openai-tools", "openai-async", "openai-async-stream", "responses", "responses-stream",
    "anthropic", "anthropic-stream", "anthropic-tools", "anthropic-async", "anthropic-async-stream",
)  # fmt: skip
# Each is a process that imports an SDK; fifty take two minutes.
ROUNDS = int(os.environ.get("HEXR_TEST_ROUNDS", "10"))


@pytest.fixture
def call(group, libraries, certificate, model):
    """Run one client in the observed group; the SDK's own word of each answer."""
    pem, _ = certificate
    env = {
        **os.environ,
        "LD_LIBRARY_PATH": str(libraries),
        "SSL_CERT_FILE": str(pem),
        "NODE_EXTRA_CA_CERTS": str(pem),
    }

    def run(*args, **more):
        done = group.run([str(a) for a in args], env={**env, **more}, capture_output=True, text=True)
        assert 0 == done.returncode, done.stderr[-2_000:]
        return [json.loads(line) for line in done.stdout.splitlines()]

    run.base = model
    return run


def chats(spans):
    return [s for s in spans if s["name"] == "hexr.llm.chat"]


def facts(span):
    return {
        "id": span.get("gen_ai.response.id"),
        "model": span.get("gen_ai.response.model"),
        "finish": (span.get("gen_ai.response.finish_reasons") or [None])[0],
        "in": span.get("gen_ai.usage.input_tokens"),
        "out": span.get("gen_ai.usage.output_tokens"),
    }


def told(collector, count):
    return chats(collector.wait(lambda spans: len(chats(spans)) >= count))


def by_id(rows):
    return sorted(
        ({k: r[k] for k in ("id", "model", "finish", "in", "out")} for r in rows), key=lambda r: r["id"]
    )


def test_python_sdks_sync_async_streamed_and_with_tools(daemon, collector, call):
    daemon("--door", "ebpf")
    said, spans = {}, {}
    for mode in MODES:
        before = len(chats(collector.spans))
        (said[mode],) = call(sys.executable, HERE / "python_client.py", mode, call.base)
        spans[mode] = told(collector, before + 1)[before:]

    for mode in MODES:
        assert by_id([said[mode]]) == by_id([facts(s) for s in spans[mode]]), mode
        assert spans[mode][0].get("hexr.llm.tool_call.names", []) == said[mode].get("tools", []), mode
        assert spans[mode][0]["hexr.capture.source"] == "ebpf"
        assert spans[mode][0]["hexr.capture.complete"] is True, spans[mode][0].get("hexr.capture.missing")
        assert spans[mode][0]["resource"]["service.name"] == "python_client"
        assert ("gen_ai.response.time_to_first_chunk" in spans[mode][0]) is mode.endswith("stream")
    assert not [p for p in PLANTED if p in json.dumps(collector.spans)]


def test_an_agent_that_lives_a_fraction_of_a_second_is_told_on_its_first_run(daemon, collector, call):
    daemon("--door", "ebpf")
    said = call(sys.executable, HERE / "tiny_client.py", call.base)

    assert by_id(said) == by_id(facts(s) for s in told(collector, 1))


def test_three_streams_at_once_on_one_asyncio_client_again_and_again(daemon, collector, call):
    daemon("--door", "ebpf")
    said = [
        row
        for _ in range(ROUNDS)
        for row in call(sys.executable, HERE / "python_client.py", "openai-async-three", call.base, 20)
    ]

    assert 3 * ROUNDS == len(said)
    assert by_id(said) == by_id(facts(s) for s in told(collector, 3 * ROUNDS))


@pytest.mark.parametrize("words", [80_000, 820_000], ids=["400 KiB", "4 MiB"])
def test_a_long_answer_is_told_to_its_last_token(daemon, collector, call, words):
    daemon("--door", "ebpf")
    said = call(sys.executable, HERE / "python_client.py", "openai", call.base, words)

    assert by_id(said) == by_id(facts(s) for s in told(collector, 1))


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not here")
def test_curl(daemon, collector, call, certificate, group, libraries):
    daemon("--door", "ebpf")
    body = json.dumps({"model": "gpt-4o", "messages": [{"role": "user", "content": "words: 9"}]})
    done = group.run(
        ["curl", "-sS", "--cacert", str(certificate[0]), f"{call.base}/v1/chat/completions", "-H", f"Authorization: Bearer {PLANTED[0]}", "-H", "Content-Type: application/json", "-d", body],
        capture_output=True, text=True, env={**os.environ, "LD_LIBRARY_PATH": str(libraries)},
    )  # fmt: skip
    answer = json.loads(done.stdout)
    (span,) = told(collector, 1)

    assert answer["id"] == span["gen_ai.response.id"]
    assert 9 == span["gen_ai.usage.output_tokens"]
    assert "curl" == span["resource"]["service.name"]


def nodes():
    """The one of this machine, whoever built it, and the official build (HEXR_TEST_NODE), which carries its own OpenSSL."""
    for name in (shutil.which("node"), os.environ.get("HEXR_TEST_NODE")):
        if name:
            yield name


@pytest.mark.parametrize("node", list(nodes()) or ["absent"])
@pytest.mark.parametrize("mode", ["whole", "stream"])
def test_node(daemon, collector, call, node, mode, tmp_path_factory):
    modules = os.environ.get("HEXR_TEST_NODE_MODULES", "")
    if not modules or not Path(node).exists():
        pytest.skip("node or its openai package is not here (HEXR_TEST_NODE_MODULES)")
    # A private copy is an inode of its own: nobody else's node traps.
    copy = tmp_path_factory.mktemp("node") / "node"
    shutil.copy(os.path.realpath(node), copy)
    daemon("--door", "ebpf", known=[copy])
    said = call(copy, HERE / "node_client.js", mode, call.base, NODE_PATH=modules)

    assert by_id(said) == by_id(facts(s) for s in told(collector, 1))


# Debian's node reads parts of its own JavaScript below /usr/share: they are laid there for this process alone.
AS_IF_INSTALLED = """
mount -t overlay overlay -o "lowerdir=$0/usr/share:/usr/share" /usr/share && exec "$0/usr/bin/node" "$@"
"""


@pytest.mark.parametrize("mode", ["whole", "stream"])
def test_a_node_whose_tls_library_is_the_shared_libssl(daemon, collector, call, libraries, mode):
    unpacked, modules = (Path(os.environ.get(f"HEXR_TEST_{n}", "-")) for n in ("DEBIAN_NODE", "NODE_MODULES"))
    if not (unpacked / "usr/bin/node").exists() or not modules.exists():
        pytest.skip(
            "the packages of the distribution's node are not unpacked here (HEXR_TEST_DEBIAN_NODE, HEXR_TEST_NODE_MODULES)"
        )
    shared = [libraries, *unpacked.glob("usr/lib/*-linux-gnu")]
    daemon("--door", "ebpf")
    said = call(
        "unshare", "--mount", "sh", "-c", AS_IF_INSTALLED, unpacked, HERE / "node_client.js", mode, call.base,
        NODE_PATH=str(modules), LD_LIBRARY_PATH=":".join(map(str, shared)),
    )  # fmt: skip
    (span,) = told(collector, 1)

    assert by_id(said) == by_id([facts(span)])
    assert span["hexr.capture.complete"] is True, span.get("hexr.capture.missing")
    assert span["resource"]["service.name"] == "node_client"


def test_what_runs_outside_of_the_filter_is_never_seen(daemon, collector, call, libraries, certificate):
    import subprocess

    running = daemon("--door", "ebpf")
    env = {**os.environ, "LD_LIBRARY_PATH": str(libraries), "SSL_CERT_FILE": str(certificate[0])}
    subprocess.run(
        [sys.executable, HERE / "tiny_client.py", call.base], env=env, check=True, capture_output=True
    )
    call(sys.executable, HERE / "tiny_client.py", call.base)
    told(collector, 1)
    running.stop()

    assert 1 == len(chats(collector.spans))
