"""What a program does in the world, by each door: told once it asks a model, and before that only held. Token endpoint, vault and cloud are stand-ins."""

import json
import sys
import time
from pathlib import Path

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]
CLIENT = Path(__file__).parent / "clients" / "effects_client.py"
EFFECTS = ["hexr.credential.exchange", "hexr.tool.invoke", "hexr.tool.invoke", "hexr.vault.get"]


@pytest.fixture
def program(daemon, group, libraries, certificate, world, far_model):
    def start(*doors):
        running = daemon(*doors, env={"HEXR_UPSTREAM_CA": str(certificate[0])})
        proxied = "proxy" in doors or not doors
        if proxied:
            running.await_worker()

        def run(*args):
            env = {**running.env, "LD_LIBRARY_PATH": str(libraries), "SSL_CERT_FILE": str(certificate[0])}
            command = [running.command, "run", "--"] if proxied else []
            if proxied:
                del env["SSL_CERT_FILE"]
            done = group.run(
                [*command, sys.executable, CLIENT, world, far_model, *args],
                env=env,
                capture_output=True,
                text=True,
            )
            assert 0 == done.returncode, done.stderr[-2_000:]

        return running, run

    return start


@pytest.mark.parametrize(
    "doors", [("--door", "ebpf"), ("--door", "proxy"), ()], ids=["ebpf", "proxy", "both"]
)
def test_an_agents_effects_are_told_in_its_invocation_once(program, collector, doors):
    running, run = program(*doors)
    run("model")
    spans = collector.wait(lambda s: any(x["name"] == "hexr.agent.invoke" for x in s), 40)

    (root,) = [s for s in spans if s["name"] == "hexr.agent.invoke"]
    effects = [s for s in spans if s["name"] in EFFECTS]
    assert sorted(EFFECTS) == sorted(s["name"] for s in effects)
    assert {root["id"]} == {s["parent"] for s in effects}
    assert {root["trace"]} == {s["trace"] for s in spans}
    (token,) = [s for s in effects if s["name"] == EFFECTS[0]]
    assert ("oauth2", 600) == (token["provider"], token["hexr.credential.expires_in_s"])
    assert ["agents/db"] == [s["path"] for s in effects if s["name"] == "hexr.vault.get"]
    assert ["aws_s3"] * 2 == [s["service"] for s in effects if s["name"] == "hexr.tool.invoke"]
    (again,) = [s for s in spans if s["name"] == "hexr.cache.lookup"]
    assert ("L1", True, True) == (again["tier"], again["hit"], again["hexr.inferred"])
    assert not any(word in json.dumps(spans) for word in ("PLANTED", "hidden"))
    assert running.account()["balanced"]


def test_of_a_program_that_asks_no_model_nothing_is_told(program, collector):
    running, run = program("--door", "ebpf")
    run()
    for _ in range(100):
        if running.json("teller.json").get("account", {}).get("open"):
            break
        time.sleep(0.1)
    running.stop()

    assert [] == collector.spans
