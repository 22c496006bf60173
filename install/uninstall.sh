#!/bin/sh
# Removes all that install.sh and the daemon have made: service, program, users, store. The clone and /etc/hexr-autoinst/config.toml stay.
. "$(dirname -- "$0")/common.sh"
need_root uninstall
command=$PREFIX/core/bin/hexr-autoinst
if [ "$PREFIX" = "$DEFAULT_PREFIX" ]; then
	if [ -x "$command" ]; then
		"$command" service uninstall
		"$command" stop || true
	fi
	rm -rf /var/lib/hexr-autoinst /run/hexr-autoinst
	[ "$(readlink /usr/local/bin/hexr-autoinst)" != "$command" ] || rm -f /usr/local/bin/hexr-autoinst
	for name in hexr hexr-proxy hexr-page; do
		! getent passwd "$name" >/dev/null || userdel "$name"
	done
	! getent group hexr-run >/dev/null || groupdel hexr-run
fi
rm -rf "$PREFIX"
say "removed $PREFIX"
