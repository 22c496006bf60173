import subprocess
import sys
import threading

import pytest

from hexr_autoinst.demo import agent
from hexr_autoinst.demo.server import serve


def test_the_agent_runs_on_the_real_sdks():
    pytest.importorskip("openai", reason="the demo's SDKs are not installed here")
    pytest.importorskip("anthropic", reason="the demo's SDKs are not installed here")
    server = serve()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    done = subprocess.run(
        [sys.executable, agent.__file__, f"http://127.0.0.1:{server.server_address[1]}/"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    server.shutdown()
    server.server_close()
    thread.join()

    assert (done.returncode, done.stdout) == (0, "the model refused one call, as the script wants it to\n"), (
        done.stderr
    )
