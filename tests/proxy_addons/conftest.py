"""mitmproxy lives in an environment of its own: where that has our Python, its packages are put at the end of the path."""

import os
import subprocess
import sys
import warnings
from pathlib import Path

PREFIX = Path(os.environ.get("HEXR_TEST_PREFIX", "/opt/hexr-autoinst"))
PYTHON = os.environ.get("HEXR_PROXY_PYTHON", str(PREFIX / "proxy" / "bin" / "python"))
_ASK = "import sys, sysconfig; print(*sys.version_info[:2], sysconfig.get_path('platlib'))"


def _packages():
    try:
        said = subprocess.run([PYTHON, "-c", _ASK], capture_output=True, text=True, check=True).stdout.split()
    except (OSError, subprocess.CalledProcessError):
        return None
    return said[2] if (int(said[0]), int(said[1])) == sys.version_info[:2] else None


if (found := _packages()) and found not in sys.path:
    sys.path.append(found)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its imports' deprecations are not ours to fix
        import mitmproxy.addons
        import mitmproxy.master  # noqa: F401
