#!/bin/sh
# Installs the product to $PREFIX: packages that are absent, users, BPF objects, environments, the program.
# Run again it only does what has changed. A $PREFIX of its own leaves /usr/local alone (throw-away installs).
. "$(dirname -- "$0")/common.sh"
need_root "${1:-install}"
umask 022

users() {
	for name in hexr hexr-proxy hexr-page; do
		getent passwd "$name" >/dev/null || { say "making the system user $name"
			useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin "$name"; }
	done
	getent group hexr-run >/dev/null || groupadd --system hexr-run
}

# environment NAME LOCK: made anew when the lock or the interpreter has changed; copied from $SEED when that has the same.
environment() {
	name=$1 lock=$2 place=$PREFIX/$1
	want="$(digest "$lock") $("$PYTHON" -c 'import sys; print(sys.version)' | tr '\n' ' ')"
	fresh "$place" "$want" && return 0
	rm -rf "$place"
	if [ -n "${SEED:-}" ] && fresh "$SEED/$name" "$want"; then
		cp -a "$SEED/$name" "$place"
		grep -lI "^#!$SEED/" "$place"/bin/* | xargs -r sed -i "1s|^#!$SEED/|#!$PREFIX/|"
		rm -f "$place/.product"
		return 0
	fi
	say "making the $name environment ($(grep -c == "$CLONE/$lock") packages)"
	pip=
	[ "$name" = core ] || pip=--without-pip
	"$PYTHON" -m venv $pip "$place"
	# The core's pip installs for all three: ensurepip three times would cost as long as the packages.
	source=
	[ ! -d "$WHEELS" ] || source="--no-index --find-links=$WHEELS"
	# shellcheck disable=SC2086 # two words or none
	"$PREFIX/core/bin/python" -m pip --python "$place/bin/python" install --quiet --disable-pip-version-check --no-input $source \
		--root-user-action=ignore --no-deps --require-hashes -r "$CLONE/$lock" || fail 69 "pip could not install $lock"
	stamp "$place" "$want"
}

# product ENVIRONMENT PATH...: our own packages, copied; a build back end would want the network.
product() {
	name=$1; shift
	want="$(digest "$@") $(digest bpf systemd)"
	[ "$(cat "$PREFIX/$name/.product" 2>/dev/null)" = "$want" ] && return 0
	site=$("$PREFIX/$name/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
	rm -rf "$site/hexr_autoinst" "$site/proxy_addons"
	(cd "$CLONE" && find "$@" -type f ! -name '*.pyc' -print0 | tar -c --null -T - --owner=0 --group=0 -f -) | tar -x -C "$site" --no-same-owner -f -
	if [ "$name" = core ]; then
		mkdir -p "$site/hexr_autoinst/capture/ebpf/objects"
		cp "$CLONE"/build/bpf/*.o "$site/hexr_autoinst/capture/ebpf/objects/"
		cp -R "$CLONE/bpf" "$site/hexr_autoinst/capture/ebpf/sources"
		cp -R "$CLONE/systemd" "$site/hexr_autoinst/systemd"
		# -I: neither the caller's folder nor a PYTHONPATH may bring code into a process of root's.
		printf '#!%s/core/bin/python -I\nfrom hexr_autoinst.cli import main\n\nraise SystemExit(main())\n' "$PREFIX" >"$PREFIX/core/bin/hexr-autoinst"
		chmod 755 "$PREFIX/core/bin/hexr-autoinst"
		ln -sfn "$site" "$PREFIX/site"
	fi
	chmod -R u=rwX,go=rX "$site/hexr_autoinst"
	"$PREFIX/$name/bin/python" -m compileall -q "$site/hexr_autoinst" >/dev/null || true
	printf '%s\n' "$want" >"$PREFIX/$name/.product"
}

# The worker runs with -O and may write nowhere: without these it would compile all of mitmproxy, and of Python's own library, at each start.
optimized() {
	place=$PREFIX/proxy/pycache
	[ "$(cat "$PREFIX/proxy/.product")" = "$(cat "$place/.product" 2>/dev/null)" ] && return 0
	rm -rf "$place"
	mkdir "$place"
	PYTHONDONTWRITEBYTECODE='' "$PREFIX/proxy/bin/python" -O -P -X "pycache_prefix=$place" -c 'import proxy_addons.worker' || fail 69 "the proxy's worker cannot be imported"
	cp "$PREFIX/proxy/.product" "$place/.product"
}

# What is given to Prometheus and Grafana. The provisioning names where it is.
share() {
	rm -rf "$PREFIX/share"
	mkdir -p "$PREFIX/share"
	cp -R "$CLONE/deploy/prometheus" "$PREFIX/share/prometheus"
	mkdir -p "$PREFIX/share/dashboards/provisioning"
	cp "$CLONE"/dashboards/*.json "$PREFIX/share/dashboards/"
	for one in "$CLONE"/dashboards/provisioning/*.yml; do
		sed "s|$DEFAULT_PREFIX/|$PREFIX/|" "$one" >"$PREFIX/share/dashboards/provisioning/${one##*/}"
	done
	chmod -R u=rwX,go=rX "$PREFIX/share"
}

python_packages
ldconfig -p | grep -q 'libbpf\.so\.1 ' || packages "to load BPF programs" libbpf1
# The second loader is for kernels without BTF, and for whoever asks for it: it brings a compiler. Where nobody asked, the proxy plane runs without it.
second_loader() {
	[ -e /usr/lib/python3/dist-packages/bcc ] && [ -e "/lib/modules/$(uname -r)/build" ] || packages "to compile for this kernel" python3-bpfcc "linux-headers-$(uname -r)"
}
if [ "${HEXR_LOADER:-}" = bcc ]; then
	second_loader
elif [ ! -e /sys/kernel/btf/vmlinux ] && [ "${HEXR_LOADER:-auto}" = auto ]; then
	(second_loader) || true
fi
users
build_bpf
mkdir -p "$PREFIX"
chmod 755 "$PREFIX"
environment core locks/core.txt
product core hexr_autoinst proxy_addons
environment proxy "$(proxy_lock)"
product proxy proxy_addons hexr_autoinst/__init__.py hexr_autoinst/model
optimized
environment demo locks/demo.txt
product demo hexr_autoinst/__init__.py hexr_autoinst/demo
share
if [ "$PREFIX" = "$DEFAULT_PREFIX" ]; then
	ln -sfn "$PREFIX/core/bin/hexr-autoinst" /usr/local/bin/hexr-autoinst
	if [ "${1:-install}" = install ] && command -v systemctl >/dev/null; then
		"$PREFIX/core/bin/hexr-autoinst" service install --no-start
		say "hexr-autoinst.service is in place; \`hexr-autoinst service install\` enables and starts it"
	fi
fi
give_back
