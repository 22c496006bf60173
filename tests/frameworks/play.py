"""Runs an agent on its framework under a daemon, against the model that plays parts, and keeps what was seen of it: a veiled recording, and its tree.

  python -m tests.frameworks.play openai_agents --python VENV/bin/python              each mode of it, shown beside its golden
  python -m tests.frameworks.play openai_agents --python VENV/bin/python --keep       and kept, to be checked by hand: git diff

Root, and an installation at HEXR_TEST_PREFIX. The framework is installed by whoever asks; nothing but loopback is to be reached.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from tests import groups
from tests.e2e import conftest as e2e
from tests.frameworks import model, scrub, trees
from tests.frameworks.runs import RUNS

HERE = Path(__file__).parent
GOLDENS = HERE / "goldens"


def certificate(folder):
    pem, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", pem, "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:127.0.0.2", "-addext", "basicConstraints=critical,CA:TRUE"],
        check=True, capture_output=True,
    )  # fmt: skip
    return pem, key


def libraries(folder):
    """libssl of our own, so that nobody else is looked at."""
    for name in ("libssl.so.3", "libcrypto.so.3"):
        found = next(
            p / name
            for p in map(Path, ("/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu"))
            if (p / name).exists()
        )
        (folder / name).write_bytes(found.read_bytes())
    return folder


def record(running, file, play):
    """What `play` does, in a file; how that went."""
    command = [running.command, "record", *(["--veiled"] if not os.environ.get("BARE") else []), file]
    with subprocess.Popen(command, env=running.env, stderr=subprocess.PIPE, text=True) as recorder:
        recorder.stderr.readline()
        done = play()
        time.sleep(1.5)
        recorder.send_signal(signal.SIGINT)
        recorder.wait(10)
    return done


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("framework", choices=RUNS)
    parser.add_argument("--mode", action="append", help="this one alone; all of them if none is named")
    parser.add_argument("--python", default=sys.executable, help="of an environment that has the framework")
    parser.add_argument("--node", default="", help="node_modules that has it")
    parser.add_argument("--keep", action="store_true")
    args = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="hexr-play-"))
    folder.chmod(0o755)
    pem, key = certificate(folder)
    secure, clear = model.serve(pem, key), model.serve()
    group, collector = groups.Group(), e2e.Collector()
    known = str(libraries(folder) / "libssl.so.3")
    running = e2e.Daemon(group, collector, "--door", "ebpf", env={"HEXR_LIBRARIES": known})
    run = RUNS[args.framework]
    try:
        for mode in args.mode or run.modes:
            work = Path(tempfile.mkdtemp(prefix="work-", dir=folder))
            stage = {
                "python": args.python, "node": args.node, "mode": mode, "agents": str(HERE / "agents"), "work": str(work),
                "secure": f"https://localhost:{secure.server_address[1]}", "clear": f"http://127.0.0.1:{clear.server_address[1]}",
            }  # fmt: skip
            env = {
                "PATH": os.environ["PATH"], "HOME": str(work), "LD_LIBRARY_PATH": str(folder), "SSL_CERT_FILE": str(pem), "REQUESTS_CA_BUNDLE": str(pem),
                "PYTHONDONTWRITEBYTECODE": "1", "PYTHONWARNINGS": "ignore", **{k: v.format(**stage) for k, v in run.env.items()},
            }  # fmt: skip
            command = [part.format(**stage) for part in run.command + run.modes[mode]]
            seen = folder / f"{mode}.facts"
            work_of = partial(group.run, command, env=env, cwd=work, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL)  # fmt: skip
            done = record(running, seen, work_of)
            print(f"== {args.framework} {mode}: exit {done.returncode}", flush=True)
            if done.returncode or os.environ.get("SHOW"):
                print(done.stdout[-3000:], done.stderr[-6000:])
            if not seen.exists():
                print(running.said()[-3000:])
                continue
            if os.environ.get("BARE"):  # plaintext, for a look at what a framework says
                (Path(os.environ["BARE"]) / f"{args.framework}-{mode}.facts").write_bytes(seen.read_bytes())
            clean = scrub.scrubbed(seen, folder / f"{mode}.hexr")
            show(args.framework, mode, clean, keep=args.keep)
    finally:
        running.close()
        collector.close()
        group.close()
        subprocess.run(["rm", "-rf", folder], check=True)


def show(framework, mode, file, *, keep):
    lines = trees.tree(trees.told(file))
    home = GOLDENS / framework
    if keep:
        home.mkdir(parents=True, exist_ok=True)
        (home / f"{mode}.hexr").write_bytes(file.read_bytes())
        (home / f"{mode}.txt").write_text("\n".join(lines) + "\n")
    golden = home / f"{mode}.txt"
    same = golden.exists() and sorted(golden.read_text().splitlines()) == sorted(lines)
    print("\n".join(lines))
    print(f"-- {file.stat().st_size:,} bytes; {'as' if same else 'not as'} its golden", flush=True)


if __name__ == "__main__":
    main()
