#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Events of changes, and what becomes of those that nobody takes: see events.c, which prints
# the KTAP.

. "$(dirname "$0")/lib.sh"
own_network
load_module
"$programs/events"
