"""Which capabilities the unit needs: the service is started without each in turn, and two agents are called. A tool, not a test.

python tests/systemd/capabilities.py PREFIX [CAPABILITY...]      root, under a systemd, no service of ours installed

One agent is another user's, with its TLS library in a folder that is that user's alone; the other's library was deleted while in use. A
line for each capability that was missing: started?, planes, agents told, stopped by itself?, and the daemon's complaints. The installed
unit is used as it is, with a drop-in that takes one away.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

UNIT = "hexr-autoinst.service"
DROP_IN = Path(f"/run/systemd/system/{UNIT}.d/trial.conf")
CAGE = Path("/sys/fs/cgroup/hexr-trial")
RUN = Path("/run/hexr-autoinst")
STRANGER = 4242  # a user of no name
PATIENCE_S = 400
CLIENT = """
import http.client, json, os, ssl, sys
print(flush=True)
sys.stdin.readline()
line = http.client.HTTPSConnection("127.0.0.1", int(sys.argv[1]), context=ssl._create_unverified_context())
ask = {"model": "gpt-4o", "messages": [{"role": "user", "content": "words: 9"}]}
line.request("POST", "/v1/chat/completions", json.dumps(ask), {"Content-Type": "application/json"})
line.getresponse().read()
line.close()
"""


def run(*words):
    return subprocess.run(words, capture_output=True, text=True, check=False).stdout


def show(name):
    return run("systemctl", "show", "--value", "-p", name, UNIT).strip()


def until(ready, seconds=PATIENCE_S):
    """Whether it came true in time."""
    end = time.monotonic() + seconds
    while not (found := ready()) and time.monotonic() < end:
        time.sleep(0.5)
    return bool(found)


def read(name):
    try:
        return json.loads((RUN / name).read_text())
    except (OSError, ValueError):
        return {}


def agent(name, port, uid, folder):
    """A client in the cage that waits for a word; its libssl is a copy in a folder of its own."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for one in ("libssl.so.3", "libcrypto.so.3"):
        shutil.copy(next(Path("/usr/lib").glob(f"*-linux-gnu/{one}")), folder / one)
        os.chown(folder / one, uid, uid)
    os.chown(folder, uid, uid)
    folder.chmod(0o700)
    env = {"LD_LIBRARY_PATH": str(folder), "HEXR_AGENT_NAME": name, "PATH": os.environ["PATH"]}

    def settle_in():
        (CAGE / "cgroup.procs").write_text("0")
        os.setgid(uid)
        os.setuid(uid)

    made = subprocess.Popen(
        [sys.executable, "-c", CLIENT, port],
        env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, preexec_fn=settle_in,
    )  # fmt: skip
    made.stdout.readline()
    return made


def journal(since):
    return run("journalctl", "-q", "-o", "cat", "--since", f"@{since}", "-u", UNIT).splitlines()


def told(since):
    lines = journal(since)
    return {n for n in ("stranger", "deleted") if any(f" {n} " in one and "gpt-4o" in one for one in lines)}


def trial(given, port, folder):
    """What holds with these capabilities."""
    DROP_IN.parent.mkdir(parents=True, exist_ok=True)
    DROP_IN.write_text(
        f"[Service]\nCapabilityBoundingSet=\nCapabilityBoundingSet={' '.join(given)}\nRestart=no\n"
    )
    run("systemctl", "daemon-reload")
    since = int(time.time())
    others = [agent(n, port, STRANGER, folder / n) for n in ("stranger", "deleted")]
    shutil.rmtree(folder / "deleted")
    started = subprocess.run(["systemctl", "start", UNIT], capture_output=True, check=False).returncode == 0
    began = time.monotonic()
    if started:
        until(lambda: read("camera.json") and read("teller.json"), 120)
        for one in others:
            one.communicate("\n")
        until(lambda: len(told(since)) == len(others), 40)
    for one in others:
        one.kill()
        one.communicate()
    camera, seconds = read("camera.json"), time.monotonic() - began
    planes = dict(
        re.findall(
            r"^  (kernel|proxy) +(\w+)", run(f"{PREFIX}/core/bin/hexr-autoinst", "status"), re.MULTILINE
        )
    )
    stopping = time.monotonic()
    run("systemctl", "stop", UNIT)
    complaints = [
        x for x in journal(since) if x.startswith("! ") or "Killing" in x or "refused" in x or "rror" in x
    ]
    return {
        "started": started, "planes": planes, "told": sorted(told(since)), "refused": len(camera.get("refused", [])),
        "result": show("Result"), "s": round(seconds), "stop_s": round(time.monotonic() - stopping), "said": complaints[:4],
    }  # fmt: skip


def main():
    CAGE.mkdir(exist_ok=True)
    environment = Path("/etc/hexr-autoinst/environment")
    environment.parent.mkdir(exist_ok=True)
    environment.write_text(f"HEXR_ONLY=cgroup:/{CAGE.name}\nHEXR_DOOR=ebpf\n")
    command = f"{PREFIX}/core/bin/hexr-autoinst"
    folder = Path(tempfile.mkdtemp(prefix="hexr-trial-"))
    folder.chmod(0o755)
    DROP_IN.parent.mkdir(parents=True, exist_ok=True)
    DROP_IN.write_text(
        "[Service]\nExecStart=\nExecStart=/bin/false\nType=oneshot\n"
    )  # installed, not yet started
    run(command, "service", "install")
    given = (Path("/etc/systemd/system") / UNIT).read_text()
    whole = re.search(r"^CapabilityBoundingSet=(.+)$", given, re.MULTILINE)[1].split()
    certificate = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-subj",
        "/CN=x",
    ]
    run(*certificate, "-keyout", f"{folder}/key", "-out", f"{folder}/pem")
    server = subprocess.Popen(
        [f"{PREFIX}/core/bin/python", "-m", "hexr_autoinst.demo.server", "--cert", f"{folder}/pem", "--key", f"{folder}/key"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    port = server.stdout.readline().strip()
    try:
        for without in sys.argv[2:] or ["nothing", *whole]:
            kept = [one for one in whole if one not in without.split("+")]
            print(
                f"{os.uname().release}  without {without:24}",
                json.dumps(trial(kept, port, folder)),
                flush=True,
            )
    finally:
        server.kill()
        shutil.rmtree(DROP_IN.parent, ignore_errors=True)
        run(command, "service", "uninstall")
        for one in (folder, environment.parent, Path("/var/lib/hexr-autoinst")):
            shutil.rmtree(one, ignore_errors=True)
        with suppress(OSError):
            CAGE.rmdir()


if __name__ == "__main__":
    PREFIX = sys.argv[1]
    main()
