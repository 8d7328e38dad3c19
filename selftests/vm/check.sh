#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Usage: check.sh [PART...]
#
# All tests, or the parts named: what `make check` calls. Installs and builds what they need,
# runs them two at a time (as many as there are CPUs, at most two), judges each by its KTAP
# (gate.awk; an exit status alone proves nothing) and prints for each part how many tests
# passed and failed and how long it took. The last line is
#
#   N passed, N failed
#
# and the exit status is 0 only when nothing failed. The parts:
#
#   lint         checkpatch, sparse, W=1 builds, static analysis of the tool ... (lint.sh)
#   fuzz         the fuzzers of the host for a minute (fuzz/run.sh)
#   gate         the judge itself, and the end of machines (gate.sh)
#   unit         unit tests of the tool and of the shared code, on the host
#   cli          the tool as its user meets it, on the host (cli.sh)
#   roundtrip    text to image to text, on the host (roundtrip.sh)
#   bench-smoke  what looking packets up takes, in counts (bench/smoke.sh)
#   differ       every kind of rules that is looked up, against iptables, in User-mode Linux
#                (bench/differ.sh)
#   kunit        KUnit suites of the kernel's parts, in User-mode Linux
#   uml          the kselftests, in User-mode Linux
#   clients      ufw, shorewall, ferm and fail2ban by the names of iptables, in User-mode Linux
#   suite        iptables' own tests: every line of extensions/*.t, and the shell tests
#                (suite/lines.sh, suite/shell.sh), in User-mode Linux
#   vm-6.1       the kselftests on Debian's 6.1, two CPUs, under QEMU
#   vm-6.12      likewise on 6.12
#   limits       what is promised as a limit is reached (limits.sh), in User-mode Linux: chains,
#                depth, clients at once; with FWLOAD_LIMITS=all also rules and large images:
#                `make limits`, which takes 10 GiB of memory and 3 GiB of disk
#   oracle-uml   fwload against iptables, packet by packet: the large run
#   oracle-6.1   a smaller one on 6.1
#   oracle-6.12  a smaller one on 6.12
#
# and those that take debug kernels (vm/uml-debug.config, vm/x86-debug.config), which take long to
# build and to run, so that they are only run when they are named; `make check-debug` names them:
#
#   kunit-debug  as kunit
#   uml-debug    as uml; and whichever allocation fails, and what has leaked in the end
#   smp-debug    commits, swaps, races and random messages on two CPUs under QEMU: data races
#   race-debug   a data race that is planted in the module is found (race.sh)
#
# `make fuzz-kernel` this one:
#
#   storm-debug  random messages for FWLOAD_STORM seconds (600): `make fuzz-kernel`
#
# and those that run for long
#
#   swaps        swap.sh with FWLOAD_SWAPS swaps (10,000) on 6.12, two CPUs
#   soak         on 6.12, over and over for FWLOAD_SOAK seconds (3600): `make soak`
#
# What a part printed is in build/check/PART.ktap. Its lines "# summary: ..." are shown.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# The longest first, so that the two lanes end together.
all=(oracle-uml vm-6.1 vm-6.12 uml suite oracle-6.1 oracle-6.12 clients limits lint fuzz unit kunit
	cli roundtrip differ bench-smoke gate)
parts=("$@")
[ $# -gt 0 ] || parts=("${all[@]}")
lanes=$(nproc)
[ "$lanes" -le 2 ] || lanes=2
out=$FWLOAD_BUILD/check
tests=$FWLOAD_TOP/selftests
started=$SECONDS
passed=0
failed=0

# Each part is a function part_NAME that prints KTAP; "_" stands for what a name cannot have.
part_lint()
{
	"$FWLOAD_VM/lint.sh"
}

part_fuzz()
{
	"$tests/fuzz/run.sh" 60
}

part_gate()
{
	"$tests/gate.sh"
}

part_unit()
{
	make -s -C "$tests/unit" O="$FWLOAD_BUILD/unit" run_tests
}

part_cli()
{
	FWIMG=$FWLOAD_TOP/user/fwimg "$tests/cli.sh"
}

part_roundtrip()
{
	FWIMG=$FWLOAD_TOP/user/fwimg "$tests/roundtrip.sh"
}

part_bench_smoke()
{
	"$tests/bench/smoke.sh"
}

part_differ()
{
	"$tests/bench/differ.sh"
}

part_kunit()
{
	"$FWLOAD_VM/uml.sh" -l "$FWLOAD_BUILD/log/kunit.log" -t 300 selftests/vm/kunit.sh
}

part_kunit_debug()
{
	"$FWLOAD_VM/uml.sh" -k debug -l "$FWLOAD_BUILD/log/kunit-debug.log" -t 900 \
		selftests/vm/kunit.sh
}

part_uml_debug()
{
	"$FWLOAD_VM/uml.sh" -k debug -l "$FWLOAD_BUILD/log/uml-debug-kselftest.log" -m 4G -t 7200 \
		-e FWLOAD_TEST_TIMEOUT=3600 -T selftests/run.sh
}

# A data race fails the part, as all else that a kernel complains of, when a function of the
# module is in one of its two stacks (klog_reports in machine.sh, which gate.sh tests). Each test
# has a machine of its own: after its first complaint the kernel looks at no locks any more.
part_smp_debug()
{
	local chosen=(commit keep swap dyn events netns races storm) test number=0 failures=0

	echo "KTAP version 1"
	echo "1..${#chosen[@]}"
	for test in "${chosen[@]}"; do
		number=$((number + 1))
		if "$FWLOAD_VM/qemu.sh" -k debug -l "$FWLOAD_BUILD/log/smp-$test.log" -m 2G -t 1200 \
			-e FWLOAD_TEST_TIMEOUT=1100 -e FWLOAD_SWAPS=400 -e FWLOAD_STORM=120 \
			selftests/run.sh "$test.sh" leaks.sh | sed 's/^/  /'; then
			echo "ok $number $test.sh"
		else
			echo "not ok $number $test.sh"
			failures=$((failures + 1))
		fi
	done
	[ $failures = 0 ]
}

part_race_debug()
{
	"$FWLOAD_VM/race.sh"
}

part_storm_debug()
{
	local seconds=${FWLOAD_STORM:-600}

	"$FWLOAD_VM/uml.sh" -k debug -l "$FWLOAD_BUILD/log/storm-debug.log" -m 2G \
		-t $((seconds + 600)) -e FWLOAD_STORM="$seconds" -e FWLOAD_SEED="${FWLOAD_SEED:-1}" \
		-e FWLOAD_TEST_TIMEOUT=$((seconds + 500)) selftests/run.sh storm.sh leaks.sh
}

part_soak()
{
	local seconds=${FWLOAD_SOAK:-3600}

	"$FWLOAD_VM/qemu.sh" -k 6.12 -l "$FWLOAD_BUILD/log/soak.log" -m 1G -t $((seconds + 1800)) \
		-e FWLOAD_SOAK="$seconds" -e FWLOAD_TEST_TIMEOUT=$((seconds + 1700)) \
		selftests/run.sh soak.sh
}

part_swaps()
{
	local swaps=${FWLOAD_SWAPS:-10000}

	"$FWLOAD_VM/qemu.sh" -k 6.12 -l "$FWLOAD_BUILD/log/swaps.log" -t $((swaps + 600)) \
		-e FWLOAD_SWAPS="$swaps" -e FWLOAD_TEST_TIMEOUT=$((swaps + 500)) \
		selftests/run.sh swap.sh
}

part_uml()
{
	"$FWLOAD_VM/uml.sh" -l "$FWLOAD_BUILD/log/uml-kselftest.log" -m 3G -t 1500 \
		-T selftests/run.sh
}

kselftests_on()
{
	"$FWLOAD_VM/qemu.sh" -k "$1" -l "$FWLOAD_BUILD/log/kselftest-$1.log" -m 1G -t 1500 \
		selftests/run.sh
}

part_limits()
{
	local memory=2G images

	[ "${FWLOAD_LIMITS:-}" != all ] || memory=10G
	images=$("$FWLOAD_VM/limits.sh" "${FWLOAD_LIMITS:-}") || return
	"$FWLOAD_VM/uml.sh" -l "$FWLOAD_BUILD/log/uml-limits.log" -m "$memory" -t 3600 \
		-e FWLOAD_LIMITS="$images" -e FWLOAD_TEST_TIMEOUT=3500 selftests/run.sh limits.sh
}

part_clients()
{
	"$FWLOAD_VM/uml.sh" -l "$FWLOAD_BUILD/log/uml-clients.log" -m 2G -t 900 \
		-e FWLOAD_CLIENTS="$("$FWLOAD_VM/clients.sh")" selftests/clients.sh
}

# SECMARK wants a kernel where somebody knows labels: so it runs with Smack.
part_suite()
{
	"$FWLOAD_VM/uml.sh" -l "$FWLOAD_BUILD/log/uml-suite.log" -t 1300 -p security=smack \
		-e SUITE="$("$FWLOAD_VM/iptables-source.sh")" \
		selftests/run.sh suite/lines.sh suite/shell.sh
}

part_vm_6_1()
{
	kselftests_on 6.1
}

part_vm_6_12()
{
	kselftests_on 6.12
}

part_oracle_uml()
{
	"$tests/oracle/run.sh" uml
}

part_oracle_6_1()
{
	"$tests/oracle/run.sh" 6.1
}

part_oracle_6_12()
{
	"$tests/oracle/run.sh" 6.12
}

function_of()
{
	echo "part_${1//[.-]/_}"
}

# What the chosen parts need, each thing once, before the first of them starts.
prepare()
{
	local part needs=" "

	for part; do
		case $part in
		lint)		needs+="lint " ;;
		gate)		needs+="uml " ;;
		unit)		needs+="user " ;;
		fuzz)		needs+="user fuzz " ;;
		cli|roundtrip|bench-smoke)	needs+="user " ;;
		kunit)		needs+="module-uml " ;;
		uml)		needs+="user module-uml tools " ;;
		oracle-uml|limits|differ)	needs+="user module-uml " ;;
		kunit-debug)	needs+="module-uml-debug " ;;
		uml-debug)	needs+="user module-uml-debug tools " ;;
		storm-debug)	needs+="user module-uml-debug " ;;
		smp-debug|race-debug)	needs+="user qemu module-x86-debug " ;;
		clients)	needs+="user module-uml clients " ;;
		suite)		needs+="user module-uml suite " ;;
		*-6.1)		needs+="user qemu module-6.1 " ;;
		*-6.12|soak|swaps)	needs+="user qemu module-6.12 " ;;
		esac
	done
	case $needs in *" lint "*)	prepare_lint ;; esac
	case $needs in *" uml "*)	"$FWLOAD_VM/build.sh" uml >/dev/null ;; esac
	case $needs in *" user "*)	prepare_user ;; esac
	case $needs in *" clients "*)	"$FWLOAD_VM/clients.sh" >/dev/null ;; esac
	case $needs in *" suite "*)	prepare_suite ;; esac
	case $needs in *" tools "*)	"$FWLOAD_VM/tools.sh" >/dev/null ;; esac
	case $needs in *" fuzz "*)	pkg_need clang llvm ;; esac
	case $needs in *" module-uml "*)	"$FWLOAD_VM/module.sh" uml >/dev/null ;; esac
	case $needs in *" module-uml-debug "*)	"$FWLOAD_VM/module.sh" uml-debug >/dev/null ;; esac
	case $needs in *" qemu "*)	pkg_need "${PKGS_QEMU[@]}" ;; esac
	case $needs in *" module-6.1 "*)	prepare_emulated 6.1 6.1 ;; esac
	case $needs in *" module-6.12 "*)	prepare_emulated 6.12 6.12 ;; esac
	case $needs in *" module-x86-debug "*)	prepare_emulated x86-debug debug ;; esac
}

prepare_lint()
{
	"$FWLOAD_VM/lint.sh" prepare
}

prepare_user()
{
	pkg_need "${PKGS_USER[@]}" "${PKGS_NET[@]}"
	quietly "$FWLOAD_BUILD/log/user.log" make -C "$FWLOAD_TOP" user
	quietly "$FWLOAD_BUILD/log/selftests.log" make -C "$tests"
}

prepare_suite()
{
	pkg_need strace
	"$FWLOAD_VM/iptables-source.sh" >/dev/null
}

# prepare_emulated TARGET RELEASE: as module.sh and as initramfs.sh call the kernel.
prepare_emulated()
{
	"$FWLOAD_VM/module.sh" "$1" >/dev/null
	"$FWLOAD_VM/initramfs.sh" "$2" >/dev/null
}

run_part()
{
	local part=$1 rc=0 start=$SECONDS

	"$(function_of "$part")" >"$out/$part.ktap" 2>&1 </dev/null || rc=$?
	echo "$rc $((SECONDS - start))" >"$out/$part.end"
}

row()
{
	printf '%-14s %8s %8s %8s s\n' "$@"
}

report()
{
	local part=$1 rc seconds p f verdict

	read -r rc seconds <"$out/$part.end"
	verdict=$(awk -v part="$part" -v status="$rc" -f "$FWLOAD_VM/gate.awk" "$out/$part.ktap")
	read -r p f < <(tail -n 1 <<<"$verdict")
	row "$part" "$p" "$f" "$seconds"
	grep -h -E '^ *# summary: ' "$out/$part.ktap" | sed 's/^ *# summary: /    /' || true
	if [ "$f" != 0 ]; then
		sed '$d' <<<"$verdict" >>"$out/failures"
		sed '$d; s/^/    /' <<<"$verdict"
	fi
	passed=$((passed + p))
	failed=$((failed + f))
}

# What failed, and what it said: once more and last, where one looks first.
explain()
{
	local part

	[ -e "$out/failures" ] || return 0
	for part in "${parts[@]}"; do
		grep "^failed: $part: " "$out/failures" || continue
		grep -h -B 25 -E '^ *not ok ' "$out/$part.ktap" | grep -v -E '^ *ok ' || true
		say "the end of $out/$part.ktap:"
		tail -n 15 "$out/$part.ktap"
	done
}

stop()
{
	local job

	for job in $(jobs -p); do
		kill "$job" 2>/dev/null || true
	done
	exit 130
}

run_all()
{
	local part running=0 done_pid
	declare -A name

	for part in "${parts[@]}" ""; do
		# A free lane, or at the end all of them.
		while [ $running -gt 0 ] && { [ -z "$part" ] || [ $running -ge "$lanes" ]; }; do
			wait -n -p done_pid || true
			running=$((running - 1))
			report "${name[$done_pid]}"
		done
		[ -n "$part" ] || break
		run_part "$part" &
		name[$!]=$part
		running=$((running + 1))
	done
}

for part in "${parts[@]}"; do
	declare -F "$(function_of "$part")" >/dev/null ||
		die "check.sh: no part '$part'; there are: ${all[*]}"
done
trap stop INT TERM
rm -rf "$out"
mkdir -p "$out"
row part passed failed time
# Not `if prepare`: there the shell would go on after a command that failed.
prepare "${parts[@]}" &
if wait $!; then
	row "(setting up)" "" "" $((SECONDS - started))
	run_all
else
	echo "    failed: setting up"
	failed=1
fi
row "(all)" "$passed" "$failed" $((SECONDS - started))
explain
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" != 0 ]
