#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Nothing was leaked by whatever ran before, for a kernel with kmemleak: vm/uml.sh -k debug.

. "$(dirname "$0")/lib.sh"

plan 2
load_module
check "the module goes" unload_module
check "nothing was leaked" no_leaks
passed
