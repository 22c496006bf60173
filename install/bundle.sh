#!/bin/sh
# Makes one tar from which a machine without any network installs: sources, BPF objects, wheels, Debian packages.
# It is for machines with this one's Debian release, Python and architecture.
. "$(dirname -- "$0")/common.sh"
name=hexr-autoinst-offline
tree=$CLONE/build/$name

python_packages
build_bpf
rm -rf "$tree"
mkdir -p "$tree/wheelhouse" "$tree/debs" "$tree/build"
(cd "$CLONE" && tar -c --exclude=__pycache__ bpf dashboards deploy docs hexr_autoinst install locks proxy_addons systemd Makefile README.md LICENSE) | tar -x -C "$tree"
cp -R "$CLONE/build/bpf" "$tree/build/bpf"

tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT INT TERM
"$PYTHON" -m venv "$tools"
for lock in locks/core.txt "$(proxy_lock)" locks/demo.txt; do
	say "fetching the wheels of $lock"
	"$tools/bin/python" -m pip download --quiet --disable-pip-version-check --no-input --no-deps --require-hashes --only-binary :all: \
		-d "$tree/wheelhouse" -r "$CLONE/$lock" || fail 69 "pip could not fetch the wheels of $lock"
done

# All that they stand on, as if nothing were installed: what is there already is left alone when it is installed.
say "fetching the Debian packages"
wanted=$(apt-get install -s -o Dir::State::status=/dev/null --no-install-recommends python3-venv libbpf1 make | sed -n 's/^Inst \([^ ]*\) (\([^ ]*\) .*/\1=\2/p')
# shellcheck disable=SC2086 # a list of names
(cd "$tree/debs" && apt-get download -qq $wanted >/dev/null) || fail 69 "apt-get could not download them: try \`sudo apt-get update\`"

tar -c -C "$CLONE/build" --owner=0 --group=0 -f "$CLONE/build/$name.tar" "$name"
rm -rf "$tree"
give_back
say "made build/$name.tar"
