"""`make install` and `make uninstall` at the default place: what they put there, and that nothing stays. In namespaces: this machine's own is not touched."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from hexr_autoinst.cli.service import ENVIRONMENT, FILES

ROOT = Path(__file__).parent.parent.parent
PREFIX = Path(os.environ.get("HEXR_TEST_PREFIX", "/nonexistent"))
# Layers over what an installation writes to, and no other process in sight: neither users nor daemons of this machine are.
COVER = """
set -eu
mount -t tmpfs none "$1"
for one in /etc /opt /usr/local /var/lib; do
    mkdir -p "$1$one/up" "$1$one/work"
    mount -t overlay none -o "lowerdir=$one,upperdir=$1$one/up,workdir=$1$one/work" $one
done
mount -t tmpfs none /run
echo COVERED
rm -rf /opt/hexr-autoinst /etc/hexr-autoinst /var/lib/hexr-autoinst
sh "$2/install/install.sh" install
find /etc /opt/hexr-autoinst/share /usr/local/bin -path '*hexr*' ! -type d
/usr/local/bin/hexr-autoinst version
echo UNINSTALLED
sh "$2/install/uninstall.sh"
find /etc /opt /usr/local /var/lib /run -name '*hexr*'
getent passwd hexr hexr-proxy hexr-page || true
"""


def why_not():
    if os.geteuid() != 0 or not (PREFIX / "core").exists():
        return "needs root and an installation (HEXR_TEST_PREFIX)"
    if PREFIX.is_relative_to("/opt"):
        return "the installation to copy from would be covered"
    return "" if shutil.which("systemctl") and shutil.which("unshare") else "needs systemctl and unshare"


@pytest.mark.e2e
@pytest.mark.timeout(300)
@pytest.mark.skipif(bool(why_not()), reason=why_not())
def test_install_puts_all_in_place_and_uninstall_takes_it_away(tmp_path):
    done = subprocess.run(
        ["unshare", "--mount", "--pid", "--fork", "--mount-proc", "sh", "-c", COVER, "-", tmp_path, ROOT],
        env={"PATH": os.environ["PATH"], "SEED": str(PREFIX)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if not done.stdout.startswith("COVERED"):
        pytest.skip(f"no layers can be mounted here: {done.stderr.strip()}")
    assert done.returncode == 0, done.stdout + done.stderr
    there, _, stays = done.stdout.partition("UNINSTALLED\n")

    wanted = [f"/{place}" for place in (*FILES.values(), ENVIRONMENT)]
    wanted += [
        f"/opt/hexr-autoinst/share/{name}" for name in ("prometheus/alerts.yml", "prometheus/rules.yml")
    ]
    wanted += [f"/opt/hexr-autoinst/share/dashboards/{p.name}" for p in (ROOT / "dashboards").glob("*.json")]
    assert [one for one in [*wanted, "/usr/local/bin/hexr-autoinst"] if one not in there.splitlines()] == []
    assert "multi-user.target.wants" not in there  # in place, and neither enabled nor started
    assert [line for line in stays.splitlines() if not line.startswith("hexr-autoinst")] == []
