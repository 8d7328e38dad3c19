#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# iptables' own shell tests of its commands, of save and of restore, unchanged: $SUITE is the
# source of iptables, they are in iptables/tests/shell/testcases. The program behind them,
# $XT_MULTI, is fwimg here, under the name of the one for legacy iptables. A test has a
# network namespace of its own; its name ends in the exit status that it should have.
#
# A test that cannot be run here has a reason below. It must go wrong, or say that it skips.

. "$(dirname "$0")/../lib.sh"

cases=$SUITE/iptables/tests/shell/testcases
directories="chain firewalld-restore ip6tables ipt-restore ipt-save iptables"
passed=0
cannot=0

# Why a test cannot be run; fails for those that can.
reason()
{
	case $1 in
	chain/0004extra-base_0)
		echo "it is about the nft variant only" ;;
	ipt-save/0006iptables-xml_0)
		echo "iptables-xml is a converter, and none of fwimg's names" ;;
	*)	return 1 ;;
	esac
}

# The commands, where everybody can call them: one test does as nobody.
make_commands()
{
	mkdir "$work/bin"
	cp "$FWIMG" "$work/bin/fwimg"
	for command in iptables ip6tables; do
		for name in "$command" "$command-save" "$command-restore"; do
			ln -s fwimg "$work/bin/$name"
		done
	done
	cat >"$work/bin/xtables-legacy-multi" <<-END
	#!/bin/sh
	name=\$1
	shift
	exec "$work/bin/\$name" "\$@"
	END
	chmod 755 "$work" "$work/bin" "$work/bin/xtables-legacy-multi"
}

# as_it_should TEST: its status is the one in its name, and it did not skip anything.
as_it_should()
{
	status=0
	XT_MULTI=$work/bin/xtables-legacy-multi \
		timeout 120 unshare -n "$cases/$1" >"$work/test.out" 2>&1 </dev/null || status=$?
	if [ "$status" != "${1##*_}" ]; then
		tail -n 40 "$work/test.out"
		echo "status $status"
		return 1
	fi
	! grep -i '^skip' "$work/test.out"
}

run_test()
{
	if why=$(reason "$1"); then
		check "$1 cannot be run: $why" not as_it_should "$1"
		echo "# summary:     $1 not runnable: $why"
		cannot=$((cannot + 1))
	else
		failed=$failures
		check "$1" as_it_should "$1"
		passed=$((passed + (failures == failed)))
	fi
}

# Whatever this machine's PAM is like: runuser needs no password from root.
let_runuser()
{
	mount -t tmpfs none /etc/pam.d &&
	for type in auth account session; do
		echo "$type required pam_permit.so"
	done >/etc/pam.d/runuser
}

load_module
make_commands
let_runuser
set --
for directory in $directories; do
	for path in "$cases/$directory"/*_[0-9]*; do
		[ ! -x "$path" ] || set -- "$@" "$directory/${path##*/}"
	done
done
plan $#
for test; do
	run_test "$test"
done
echo "# summary: iptables' shell tests: $#: $passed passed, $cannot not runnable," \
	"wrong: $(($# - passed - cannot))"
passed
