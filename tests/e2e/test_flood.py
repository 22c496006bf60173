"""A flood is told whole, and the account of facts is exact."""

import os
import sys
import time
from pathlib import Path

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
HERE = Path(__file__).parent / "clients"


@pytest.fixture
def environment(libraries, certificate):
    return {**os.environ, "LD_LIBRARY_PATH": str(libraries), "SSL_CERT_FILE": str(certificate[0])}


def chats(spans):
    return [s for s in spans if s["name"] == "hexr.llm.chat"]


def settled(running, seconds=30):
    """The account once nothing is open any more."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        account = running.account()
        if account["open"] == 0 and account["issued"]:
            break
        time.sleep(0.25)
    return account


def test_sixteen_clients_of_two_thousand_unpaced_events(daemon, collector, group, model, environment):
    running = daemon("--door", "ebpf")
    clients = [
        group.popen(
            [sys.executable, HERE / "flood_client.py", model, "2000", "4"], env=environment, stdout=-3
        )
        for _ in range(16)
    ]
    codes = [c.wait(200) for c in clients]
    spans = chats(collector.wait(lambda s: len(chats(s)) >= 64, 60))
    account = settled(running)

    assert [0] * 16 == codes
    assert (
        account["issued"]
        == account["told"]
        + sum(account["ignored"].values())
        + sum(account["dropped"].values())
        + account["open"]
    )
    assert {} == account["dropped"]
    assert 64 == len(spans)
    assert {2000} == {s.get("gen_ai.usage.output_tokens") for s in spans}
    assert {True} == {s["hexr.capture.complete"] for s in spans}, {
        str(s.get("hexr.capture.missing")) for s in spans
    }


def test_a_request_of_six_hundred_kilobytes_in_one_write_is_whole(
    daemon, collector, group, model, environment
):
    daemon("--door", "ebpf")
    done = group.run(
        [sys.executable, HERE / "long_request.py", model], env=environment, capture_output=True, text=True
    )
    (span,) = chats(collector.wait(lambda s: len(chats(s)) >= 1))

    assert 0 == done.returncode, done.stderr
    assert int(done.stdout) == span["gen_ai.usage.input_tokens"]
    assert span["hexr.capture.complete"] is True, span.get("hexr.capture.missing")
    assert "gpt-4o" == span["gen_ai.request.model"]
