"""Both loaders side by side: time until all is loaded and attached, memory of the camera's part, and the kernel's own time for a run.

  sudo python -m benchmarks.loaders libbpf|bcc [EXCHANGES]     one line of JSON
  python -m benchmarks.loaders --write FILE                    such lines as the table in docs/performance.md

One loader a process. Only a control group of its own is watched; a private copy of libssl carries the probes.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

from benchmarks import page
from hexr_autoinst.capture.ebpf import filter as rules
from hexr_autoinst.capture.ebpf import loaders
from hexr_autoinst.capture.ebpf.ring import Ring
from hexr_autoinst.capture.ebpf.symbols import survey
from hexr_autoinst.config import Rule
from tests.groups import Group, cgroup_root

SHOWN = (
    "enter_SSL_read_ex",
    "leave_SSL_read_ex",
    "enter_SSL_write_ex",
    "leave_SSL_write_ex",
    "state",
    "maps",
)
# A client and a server in one process, by memory: nothing but the library's calls.
TRAFFIC = """
import ssl, sys
def pair(cert):
    a, b = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(cert)
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    return client.wrap_bio(a, b), server.wrap_bio(b, a, server_side=True)
client, server = pair(sys.argv[1])
for _ in range(4):
    for one in (client, server):
        try: one.do_handshake()
        except ssl.SSLWantReadError: pass
question = b"POST / HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: 1024\\r\\n\\r\\n" + b"x" * 1024
for _ in range(int(sys.argv[2])):
    client.write(question)
    server.read(65536)
"""


def rss_kb() -> int:
    """Resident memory of this process."""
    text = Path("/proc/self/status").read_text(encoding="ascii")
    return int(text.split("VmRSS:")[1].split()[0])


def measure(loader: str, exchanges: int) -> dict:
    """Load, attach, let the traffic run, and ask the kernel."""
    before, begun = rss_kb(), time.monotonic()
    settings = SimpleNamespace(ring_mb=8, bpf_stats=True, cleartext=False)
    choice = loaders.choose(loader, btf=True)
    objects = loaders.load(choice, loaders.objects_folder(), loaders.sources_folder(), settings)
    started, group = time.monotonic() - begun, Group()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        system = next(p for p in Path("/usr/lib").glob("*-linux-gnu*/libssl.so.3"))
        for file in ("libssl.so.3", "libcrypto.so.3"):
            shutil.copy(system.parent / file, folder / file)
        rules.install(objects, [Rule("cgroup", f"/{group.path.name}")], [], cgroup_root())
        objects.attach(survey(folder / "libssl.so.3"))
        ready, ring = time.monotonic() - begun, Ring(*objects.data_ring)
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
             "-days", "2", "-subj", "/CN=localhost", "-keyout", folder / "key", "-out", folder / "cert"],
            check=True, capture_output=True,
        )  # fmt: skip
        both = folder / "both"
        both.write_bytes((folder / "key").read_bytes() + (folder / "cert").read_bytes())
        argv = [sys.executable, "-c", TRAFFIC, str(both), str(exchanges)]
        child = group.popen(argv, env={**os.environ, "LD_LIBRARY_PATH": name})
        while child.poll() is None:
            for _ in ring.read():
                pass
            time.sleep(0.005)
        counted = objects.runs()
        stats = objects.stats()
        ring.close()
    group.close()
    objects.close()
    return {
        "loader": loader, "loaded_s": round(started, 2), "attached_s": round(ready, 2), "memory_kb": rss_kb() - before,
        "chunks": stats["issued.chunk"],
        "ns_a_run": {n: round(r.ns / r.runs) for n, r in counted.items() if n in SHOWN and r.runs},
    }  # fmt: skip


def write(results: Path) -> None:
    """Put the lines of `results` (one a loader, as printed) as a table into docs/performance.md."""
    found = [
        json.loads(line) for line in results.read_text(encoding="utf-8").splitlines() if line.startswith("{")
    ]
    names = [name for name in SHOWN if all(name in one["ns_a_run"] for one in found)]
    rows = [
        ("loaded and at the tracepoints, s", [one["loaded_s"] for one in found]),
        ("a library attached too, s", [one["attached_s"] for one in found]),
        ("memory in the camera, KiB", [one["memory_kb"] for one in found]),
        *((f"`{name}`, ns a run", [one["ns_a_run"][name] for one in found]) for name in names),
    ]
    table = ["| | " + " | ".join(one["loader"] for one in found) + " |", "|---|" + "---|" * len(found)]
    table += [f"| {what} | " + " | ".join(map(str, values)) + " |" for what, values in rows]
    page.write("loaders", "\n".join(table))


if __name__ == "__main__":
    if sys.argv[1] == "--write":
        write(Path(sys.argv[2]))
    else:
        print(json.dumps(measure(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 2000)))
