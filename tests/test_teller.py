"""The real teller process, over real facts on its socket."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hexr_autoinst.capture.stream import Reader, frame, header
from hexr_autoinst.config import Config, Session
from hexr_autoinst.ground import clock_offset, session_json
from hexr_autoinst.model.facts import END_OF_TIME, Address, Data, End, Head, Key, Process, Tick

ROOT = Path(__file__).parent.parent
SECOND = 1_000_000_000


def exchange(now, n=0, model="gpt-4o"):
    """The facts of one chat completion, as a tap sends them."""
    key, flow = Key(os.getpid(), 7), f"flow{n}"
    asked = json.dumps({"model": model, "messages": [{"role": "user", "content": "hello"}]}).encode()
    answer = json.dumps({
        "id": f"chatcmpl-{n}", "object": "chat.completion", "created": 1, "model": model,
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "hi"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 11, "completion_tokens": 3, "total_tokens": 14},
    }).encode()  # fmt: skip
    local, peer = Address("127.0.0.1", 5000 + n), Address("127.0.0.1", 443)
    common = {"key": key, "conn": f"c{n}", "local": local, "peer": peer}
    json_type = (("content-type", "application/json"),)
    return [
        Head(now + 1, "proxy", flow, "request", method="POST", scheme="https", authority="api.openai.com", target="/v1/chat/completions", headers=json_type, **common),
        Data(now + 2, "proxy", flow, "request", asked),
        End(now + 3, "proxy", flow, "request"),
        Head(now + 4, "proxy", flow, "response", status=200, headers=json_type, **common),
        Data(now + 5, "proxy", flow, "response", answer),
        End(now + 6, "proxy", flow, "response"),
    ]  # fmt: skip


class Real:
    """`python -m hexr_autoinst.teller` on folders of its own."""

    def __init__(self, folder, **config):
        self.folder, self.offset = folder, clock_offset()
        (folder / "run").mkdir()
        config = Config(
            run_dir=str(folder / "run"), state_dir=str(folder / "state"), metrics_port=0, **config
        )
        session = Session(self.offset, "00" * 16, "11" * 32, "here")
        self.lifeline, far = os.pipe()
        self.far = far
        env = {
            "PATH": os.environ["PATH"], "HEXR_CONFIG_JSON": config.to_json(), "HEXR_SESSION_JSON": session_json(session),
            "HEXR_LIFELINE_FD": str(self.lifeline),
        }  # fmt: skip
        self.process = subprocess.Popen(
            [sys.executable, "-m", "hexr_autoinst.teller"],
            cwd=ROOT,
            env=env,
            stdout=subprocess.PIPE,
            text=True,
            pass_fds=(self.lifeline,),
        )
        os.close(self.lifeline)

    def event(self, name):
        for line in self.process.stdout:
            found = json.loads(line)
            if found["event"] == name:
                return found
        raise AssertionError(f"it never said {name}: {self.process.wait(5)}")

    def now(self):
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME) + self.offset

    def say(self, role, facts):
        peer = socket.socket(socket.AF_UNIX)
        peer.connect(str(self.folder / "run/facts.sock"))
        peer.sendall(header(role) + b"".join(map(frame, facts)))
        return peer

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()
        if self.far >= 0:
            os.close(self.far)


@pytest.fixture
def real(tmp_path):
    made = []

    def start(**config):
        made.append(Real(tmp_path, **config))
        return made[-1]

    yield start
    for one in made:
        one.close()


def balanced(account):
    return (
        account["issued"]
        == account["told"]
        + sum(account["ignored"].values())
        + sum(account["dropped"].values())
        + account["open"]
    )


def test_a_taps_call_is_told_within_a_second_and_the_account_holds(real):
    one = real()
    one.event("ready")
    now = one.now()
    process = Process(
        now, "ebpf", Key(os.getpid(), 7), None, "/usr/bin/python3", ("python3", "-m", "analyst"), started=now
    )
    with one.say("tap", [process, *exchange(now)]):
        told = one.event("told")
    one.process.send_signal(signal.SIGTERM)
    ended = one.event("ended")

    assert tuple(told[k] for k in ("name", "model", "in", "out")) == ("hexr.llm.chat", "gpt-4o", 11, 3)
    assert one.process.wait(5) == 0
    assert (ended["account"]["issued"], ended["account"]["open"], balanced(ended["account"])) == (7, 0, True)


def test_what_is_still_in_the_window_is_told_at_the_end(real):
    one = real()
    one.event("ready")
    with one.say("tap", exchange(one.now() + 3600 * SECOND)):
        time.sleep(0.3)
        one.process.send_signal(signal.SIGTERM)
        told, ended = one.event("told"), one.event("ended")

    assert told["model"] == "gpt-4o"
    assert ended["account"]["open"] == 0


def test_the_supervisors_end_is_the_tellers(real):
    one = real()
    one.event("ready")
    os.close(one.far)
    one.far = -1

    assert one.event("ended")["account"]["balanced"] is True
    assert one.process.wait(5) == 0


def test_a_recorder_sees_what_the_pipeline_sees_ticks_included(real):
    one = real()
    one.event("ready")
    with one.say("recorder", []) as recorder, one.say("tap", exchange(one.now())):
        one.event("told")
        one.process.send_signal(signal.SIGTERM)
        one.event("ended")
        recorder.settimeout(5)
        reader, facts = Reader(), []
        while chunk := recorder.recv(1 << 16):
            facts += reader.feed(chunk)

    assert [type(f).__name__ for f in facts if not isinstance(f, Tick)] == [
        "Head",
        "Data",
        "End",
        "Head",
        "Data",
        "End",
    ]
    assert Tick(END_OF_TIME) == facts[-1]
    assert sorted(f.at for f in facts) == [f.at for f in facts]


def test_an_unwritable_state_folder_is_said_and_is_the_exit_code(real, tmp_path):
    (tmp_path / "state").write_text("a file")
    one = real()

    assert "state_dir" in one.event("unavailable")["why"]
    assert one.process.wait(5) == 73


def test_five_hundred_calls_at_once_are_told_to_the_last(real):
    one = real()
    one.event("ready")
    count = 500
    now = one.now()
    facts = [f for n in range(count) for f in exchange(now + n, n)]
    with one.say("tap", facts):
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            path = one.folder / "run/teller.json"
            if path.exists() and json.loads(path.read_text())["account"]["issued"] == 6 * count:
                break
            time.sleep(0.1)
        one.process.send_signal(signal.SIGTERM)
        account = one.event("ended")["account"]

    assert (6 * count, {}, 0, True) == (
        account["issued"],
        account["dropped"],
        account["open"],
        balanced(account),
    )
    assert account["told"] == 6 * count
