#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# What a commit keeps, and what sets counters to zero: see keep.c, which prints the KTAP.

. "$(dirname "$0")/lib.sh"
own_network
load_module
"$programs/keep"
