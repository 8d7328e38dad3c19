#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A data race is planted in the module, a count of packets that processors have in common, and
# the debug kernel under QEMU must report it: otherwise it would prove nothing that it reports
# none. Prints KTAP.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=plant.sh
. "$FWLOAD_VM/plant.sh"

work=$FWLOAD_BUILD/race
log=$FWLOAD_BUILD/log/race.log

planted()
{
	local old='	const struct fwload_gen *gen = fwload_net_gen(state->net);'

	plant_sources "$work/source" &&
	plant "$work/source/kmod/hook.c" "$old" "	static u64 packets;
$old" &&
	plant "$work/source/kmod/hook.c" "	base = table->base[state->hook];" \
		"	packets++;
	base = table->base[state->hook];" &&
	"$FWLOAD_VM/module.sh" -s "$work/source" -o "$work/module" x86-debug >/dev/null
}

# The test succeeds, and the machine fails.
reported()
{
	local status=0

	"$FWLOAD_VM/qemu.sh" -k debug -l "$log" -m 2G -e FWLOAD_SWAPS=100 \
		-a "$work/module/fwload.ko" -e FWLOAD_KO=/fwload/build/race/module/fwload.ko \
		selftests/run.sh swap.sh >"$work/said" 2>&1 || status=$?
	if [ $status != 126 ] || ! grep -q 'BUG: KCSAN: data-race in fwload_hook_ipv4' "$log"; then
		echo "# status $status:"
		sed 's/^/# /' "$work/said"
		return 1
	fi
}

echo "KTAP version 1"
echo "1..1"
rc=0
{ planted && reported; } || rc=$?
result $rc "a data race in the path of packets is reported"
[ "$failures" = 0 ]
