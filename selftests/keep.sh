#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# What a commit keeps, and what sets counters to zero: see keep.c, which prints the KTAP.

. "$(dirname "$0")/lib.sh"
own_network
load_module
# Where everything is emulated a round takes a quarter of a second.
[ "${FWLOAD_KERNEL:-}" = uml ] && rounds=200 || rounds=50
"$programs/keep" "$rounds"
