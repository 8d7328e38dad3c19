#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Runs in User-mode Linux (uml.sh): loads the KUnit suites, which run at once, and prints the
# KTAP that they left in the kernel's log.

mark="fwload: the suites start here"

echo "$mark" >/dev/kmsg
if ! insmod "$FWLOAD_KUNIT"; then
	echo "Bail out! fwload_kunit.ko does not load"
	dmesg | tail -n 20
	exit 1
fi
dmesg | sed "1,/$mark/d; s/^\\[[^]]*\\] //"
