#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Usage: inside.sh [ORACLE-ARGUMENT...]
#
# What run.sh runs in the machine: loads the module and compares. Rates are slowed down in
# copies of the real rule sets: a token that a limit gets back in one run and not in the
# other is no difference between the engines.

set -e
# built in, or a module; and no rule set may find them missing half way
modprobe -q tun || true
insmod "$FWLOAD_KO"
# The oracle measures packets, not events: what is queued for nobody is dropped.
set -- --fwimg "$FWIMG" --dir "$TMPDIR" "$@"
for file in selftests/rulesets/ufw.v4 selftests/rulesets/ufw.v6 \
	    selftests/rulesets/shorewall.v4 selftests/rulesets/ferm-webserver.v4 \
	    selftests/rulesets/text/again.v4 selftests/rulesets/text/zero.v4; do
	copy=$TMPDIR/$(basename "$file")
	sed 's#\(limit[a-z-]*\) [0-9]*/[a-z]*#\1 1/hour#' "$file" >"$copy"
	set -- "$@" --file "${file##*.v}:$copy"
done
exec build/selftests/oracle "$@"
