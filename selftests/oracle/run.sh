#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Usage: run.sh uml|6.1|6.12 [ORACLE-ARGUMENT...]
#
# The oracle test (oracle.h) in User-mode Linux or on a stock kernel: the real rule sets of
# selftests/rulesets and generated ones, 200 in UML, fewer where everything is emulated.
# What the kernel needs (fwload.ko, fwimg) has been built before; see selftests/vm/check.sh.
# ORACLE_KO names another fwload.ko for UML, ORACLE_LOG another file for the kernel's log.

# shellcheck source=../vm/lib.sh
. "$(dirname "$0")/../vm/lib.sh"

kernel=${1:-}
[ $# -gt 0 ] || die "usage: run.sh uml|6.1|6.12 [ORACLE-ARGUMENT...]"
shift

mkdir -p "$FWLOAD_BUILD/selftests"
make -s -C "$FWLOAD_TOP/selftests/oracle" O="$FWLOAD_BUILD/selftests" >&2
log=${ORACLE_LOG:-$FWLOAD_BUILD/log/oracle-$kernel.log}
case $kernel in
uml)
	exec "$FWLOAD_VM/uml.sh" -m 1G -t 1800 -l "$log" ${ORACLE_KO:+-e FWLOAD_KO="$ORACLE_KO"} \
		selftests/oracle/inside.sh "${@:---sets=200}"
	;;
*)
	exec "$FWLOAD_VM/qemu.sh" -k "$kernel" -m 1G -t 1800 -l "$log" \
		selftests/oracle/inside.sh "${@:---sets=12}"
	;;
esac
