# What the install scripts share: messages, packages, stamps, environments. Sourced, POSIX sh.
set -eu
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
CLONE=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
DEFAULT_PREFIX=/opt/hexr-autoinst
PREFIX=${PREFIX:-$DEFAULT_PREFIX}
# Where an installation brings along what it would have fetched (install/bundle.sh).
WHEELS=$CLONE/wheelhouse
DEBS=$CLONE/debs

say() { printf 'hexr-autoinst: %s\n' "$*"; }
fail() { code=$1; shift; printf 'hexr-autoinst: %s\n' "$*" >&2; exit "$code"; }
need_root() { [ "$(id -u)" = 0 ] || fail 77 "$1 needs root: run \`sudo make $1\`"; }

# The interpreter must be one that other users may run: the system's own comes first.
find_python() {
	for one in ${PYTHON:-/usr/bin/python3 /usr/local/bin/python3 python3}; do
		if "$one" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
			PYTHON=$one
			return
		fi
	done
	fail 69 "Python 3.11 or newer is needed (Debian 12, Ubuntu 24.04 or later)"
}

# Debian packages, only what is absent. $1 is why, the rest are names.
packages() {
	why=$1; shift
	[ $# -gt 0 ] || return 0
	[ "$(id -u)" = 0 ] || fail 77 "$* must be installed ($why): run \`sudo apt-get install $*\`"
	[ ! -d "$DEBS" ] || { brought_packages "$@"; return; }
	command -v apt-get >/dev/null || fail 69 "$* must be installed by hand ($why): there is no apt-get here"
	say "installing $* ($why)"
	apt_install "$@" || { apt-get update -qq >/dev/null && apt_install "$@"; } || fail 69 "apt-get install $* failed"
}
# From what was brought along, by apt with nothing else to choose from: what is absent, and newer versions only of what that demands.
brought_packages() {
	say "installing $* from $DEBS ($why)"
	own=$(mktemp -d)
	mkdir -p "$own/lists/partial" "$own/archives/partial"
	for one in "$DEBS"/*.deb; do
		dpkg-deb -f "$one"
		printf 'Filename: ./%s\nSize: %s\nSHA256: %s\n\n' "${one##*/}" "$(stat -c %s "$one")" "$(sha256sum "$one" | cut -d' ' -f1)"
	done >"$own/Packages"
	ln -s "$DEBS"/*.deb "$own/"
	printf 'deb [trusted=yes] file:%s ./\n' "$own" >"$own/list"
	chmod 755 "$own"
	for verb in update "install --no-install-recommends $*"; do
		# shellcheck disable=SC2086 # words
		DEBIAN_FRONTEND=noninteractive apt-get -y -qq -o DPkg::Lock::Timeout=300 -o Dir::Etc::sourcelist="$own/list" -o Dir::Etc::sourceparts=/dev/null \
			-o Dir::State::lists="$own/lists" -o Dir::Cache::archives="$own/archives" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o APT::Sandbox::User=root \
			$verb >"$own/log" 2>&1 || { cat "$own/log" >&2; rm -rf "$own"; fail 69 "$* could not be installed from $DEBS"; }
	done
	rm -rf "$own"
}
# Ubuntu updates itself behind our back and holds the lock; its needrestart would restart services that are none of our business.
apt_install() {
	DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 apt-get -o DPkg::Lock::Timeout=300 install -y -qq \
		--no-install-recommends "$@" >/dev/null 2>&1
}

python_packages() {
	find_python
	"$PYTHON" -c 'import ensurepip, venv' 2>/dev/null || packages "Python environments" python3-venv
	[ -d "$WHEELS" ] || [ -s /etc/ssl/certs/ca-certificates.crt ] || packages "downloads over TLS" ca-certificates
}

# mitmproxy's newest for this interpreter.
proxy_lock() { "$PYTHON" -c 'import sys; print(f"locks/proxy-py31{1 if sys.version_info < (3, 12) else 2}.txt")'; }

# One line that changes when any of the files does. Names are part of it, owners and times are not.
digest() { (cd "$CLONE" && find "$@" -type f ! -name '*.pyc' -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -c1-64); }
fresh() { [ "$(cat "$1/.stamp" 2>/dev/null)" = "$2" ]; }
stamp() { printf '%s\n' "$2" >"$1/.stamp"; }

# What we make in the clone belongs to whom the clone belongs to.
give_back() {
	[ "$(id -u)" = 0 ] || return 0
	owner=$(stat -c %u:%g "$CLONE")
	for one in build .venv; do
		[ ! -e "$CLONE/$one" ] || chown -R "$owner" "$CLONE/$one"
	done
}

# The BPF objects: built once, with a compiler that is installed only for that.
build_bpf() {
	want=$(digest bpf)
	fresh "$CLONE/build/bpf" "$want" && return 0
	missing=
	command -v clang >/dev/null || missing="$missing clang"
	command -v llvm-strip >/dev/null || missing="$missing llvm"
	[ -e /usr/include/bpf/bpf_helpers.h ] || missing="$missing libbpf-dev"
	# shellcheck disable=SC2086 # a list of names
	packages "to build the BPF objects, once" $missing
	say "building the BPF objects"
	make -s -C "$CLONE/bpf" || fail 69 "the BPF objects could not be built"
	stamp "$CLONE/build/bpf" "$want"
}
