"""What loading and attaching ask for."""

import subprocess
from pathlib import Path

LOADS = """
import sys
from pathlib import Path
from types import SimpleNamespace
sys.path.insert(0, sys.argv[1])
from hexr_autoinst import drop
from hexr_autoinst.capture.ebpf.loader import Objects
from hexr_autoinst.capture.ebpf.symbols import survey
drop.reduce(("BPF", "PERFMON"))
objects = Objects.load(Path(sys.argv[2]), SimpleNamespace(ring_mb=1, bpf_stats=False, cleartext=True))
attached = objects.attach(survey(sys.argv[3]))
print(sorted(drop.held()), objects.absent, objects.multi == (attached.entries > 0))
objects.close()
"""


def test_two_capabilities_are_enough_to_load_and_since_6_6_to_attach(objects_folder, private_ssl, python):
    """CAP_SYS_ADMIN would be asked for as soon as one type of ours is looked for in the kernel's modules."""
    done = subprocess.run(
        [python, "-c", LOADS, Path(__file__).parents[2], objects_folder, private_ssl.path],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert done.stdout == "['BPF', 'PERFMON'] [] True\n"
