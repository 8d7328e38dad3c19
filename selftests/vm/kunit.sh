#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Runs in User-mode Linux (uml.sh): loads the KUnit suites, which run at once, and prints the
# KTAP that they left in the kernel's log.
#
# KUnit prints no plan for the values of a parameter, only how many there were, once they are
# through. The plan is made of that.

mark="fwload: the suites start here"

echo "$mark" >/dev/kmsg
if ! insmod "$FWLOAD_KUNIT"; then
	echo "Bail out! fwload_kunit.ko does not load"
	dmesg | tail -n 20
	exit 1
fi
dmesg | sed "1,/$mark/d; s/^\\[[^]]*\\] //" | awk '
	{ match($0, /^ */) }
	/^ *# Subtest: / { planned[RLENGTH] = 0 }
	/^ *1\.\.[0-9]/ { planned[RLENGTH] = 1 }
	/^ *# [^ ]+: pass:[0-9].* total:[0-9]+$/ && !planned[RLENGTH + 4] {
		total = $0
		sub(/.*total:/, "", total)
		print substr($0, 1, RLENGTH) "    1.." total
	}
	{ print }'
