#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Usage: lint.sh [prepare]
#
# The static checks, as KTAP; with "prepare", only installs what they take. Each is clean when
# it has nothing at all to say:
#
#   - checkpatch --strict (of linux-source-6.12) on every C file;
#   - kernel-doc on every C file of the module and of the uapi;
#   - fwload.ko built with W=1 for 6.1 and for 6.12, there with sparse and its endian checks;
#   - cppcheck on the tool and on the programs of the tests;
#   - shellcheck on every script;
#   - mandoc's lint on the man pages;
#   - uapi/fwload.yaml against the kernel's schema and the headers (check_yaml.py);
#   - the house's own rules: a licence on line 1, no file over 600 lines, nothing left to do.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

pkg_need gcc make perl sparse cppcheck shellcheck mandoc python3-jsonschema python3-yaml \
	"${PKGS_USER[@]}"
source=$("$FWLOAD_VM/build.sh" source)
"$FWLOAD_VM/kernel.sh" headers 6.1 >/dev/null
"$FWLOAD_VM/kernel.sh" headers 6.12 >/dev/null
if [ "${1:-}" = prepare ]; then
	exit
fi
cd "$FWLOAD_TOP"
number=0
failures=0

# check NAME COMMAND...: ok when COMMAND succeeds and prints nothing.
check()
{
	local name=$1 said

	shift
	number=$((number + 1))
	if said=$("$@" 2>&1) && [ -z "$said" ]; then
		echo "ok $number $name"
		return
	fi
	head -n 60 <<<"$said" | sed 's/^/# /'
	failures=$((failures + 1))
	echo "not ok $number $name"
}

# files PATTERN... [-- DIR...]: the files below the directories with names like that; what was
# built lies elsewhere, or is not called so.
files()
{
	local names=()

	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		names+=(-o -name "$1")
		shift
	done
	shift || true
	find "${@:-.}" \( -path ./build -o -path ./.git \) -prune -o \
		-type f \( "${names[@]:1}" \) ! -name '*.mod.c' -print | LC_ALL=C sort
}

# checkpatch_on IGNORED-TYPES FILE...
checkpatch_on()
{
	local ignore=$1

	shift
	perl "$source/scripts/checkpatch.pl" --no-tree --strict --no-summary --terse \
		--show-types --ignore "$ignore" -f "$@"
}

# MAINTAINERS is the kernel tree's, only compat/ may ask for the kernel's version, and what the
# table of hooks gives its macros over and over is names.
checkpatch_module()
{
	files '*.[ch]' -- kmod | grep -v -e '^kmod/env.h$' -e '^kmod/compat/' |
		xargs "$0" checkpatch FILE_PATH_CHANGES,MACRO_ARG_REUSE
	files '*.[ch]' -- kmod/compat |
		xargs "$0" checkpatch FILE_PATH_CHANGES,LINUX_VERSION_CODE,CONSTANT_COMPARISON
}

# A header for programs cannot use BIT(); an enum and the maximum that is made of it belong
# together.
checkpatch_uapi()
{
	files '*.[ch]' -- uapi | xargs "$0" checkpatch FILE_PATH_CHANGES,BIT_MACRO,LINE_SPACING
}

# What the kernel has for programs do not, and tests are made of texts of many lines and of
# macros that check. kmod/env.h is where the one becomes the other.
checkpatch_user()
{
	local ignore=FILE_PATH_CHANGES,PREFER_KERNEL_TYPES,PREFER_DEFINED_ATTRIBUTE_MACRO

	ignore+=,SSCANF_TO_KSTRTO,STRCPY,STRNCPY,VOLATILE,ARRAY_SIZE,BIT_MACRO
	{ files '*.[ch]' -- user; echo kmod/env.h; } | xargs "$0" checkpatch "$ignore"
	ignore+=,SPLIT_STRING,MISSING_SPACE,STRING_FRAGMENTS,LONG_LINE_STRING
	ignore+=,MACRO_ARG_REUSE,COMPLEX_MACRO,UNNECESSARY_PARENTHESES
	# libFuzzer's names are not ours to choose.
	ignore+=,CAMELCASE
	files '*.[ch]' -- selftests | xargs "$0" checkpatch "$ignore"
}

if [ "${1:-}" = checkpatch ]; then
	shift
	checkpatch_on "$@"
	exit
fi

kernel_doc()
{
	files '*.[ch]' -- kmod uapi | xargs perl "$source/scripts/kernel-doc" -none -Wall
}

# builds RELEASE MAKE-ARGUMENT...: all warnings of a build from nothing. That another gcc built
# the kernel, and that type information is left out, is said on every machine.
builds()
{
	local release=$1 out=$FWLOAD_BUILD/lint-$1

	shift
	"$FWLOAD_VM/module.sh" -C -o "$out" "$release" "$@" >/dev/null || return
	grep -E -A 8 'warning:|WARNING|error:' "$out.log" |
		grep -v -E 'warning: the compiler differs|^  (The kernel|You are) |Skipping BTF' ||
		true
}

cppcheck_on()
{
	cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr \
		--suppress=missingIncludeSystem --template=gcc --error-exitcode=1 \
		-D_GNU_SOURCE "$@"
}

cppcheck_user()
{
	cppcheck_on -Iuser -Iuapi user
}

cppcheck_selftests()
{
	cppcheck_on -Iuapi -Iuser selftests
}

shellcheck_all()
{
	{ files '*.sh'; echo .ci/run; } | xargs shellcheck
}

mandoc_all()
{
	files '*.[1-8]' -- user/man | xargs mandoc -T lint -W warning
}

spec()
{
	selftests/unit/check_yaml.py "$source/Documentation/netlink/genetlink.yaml" |
		grep -E '^(not ok|#)' || true
}

# On the first line, or the second of a script.
licences()
{
	local file

	for file in $(files '*.[ch]' '*.sh' '*.awk' '*.yaml' Makefile Kbuild '*.config'); do
		head -n 2 "$file" | grep -q 'SPDX-License-Identifier: ' ||
			echo "$file: no SPDX-License-Identifier at its head"
	done
}

lengths()
{
	files '*.[ch]' '*.sh' '*.awk' | xargs wc -l |
		awk '$2 != "total" && $1 > 600 { print $2 ": " $1 " lines" }'
}

left_to_do()
{
	files '*.[ch]' '*.sh' '*.awk' '*.yaml' '*.md' Makefile Kbuild |
		xargs grep -n -w -E '(TO''DO|FIX''ME|XX''X)' || true
}

echo "KTAP version 1"
echo "1..$(grep -c '^check "' "$FWLOAD_VM/lint.sh")"
check "checkpatch --strict on the module" checkpatch_module
check "checkpatch --strict on the uapi" checkpatch_uapi
check "checkpatch --strict on the tool and the tests" checkpatch_user
check "kernel-doc" kernel_doc
check "W=1 for 6.1" builds 6.1 W=1
check "W=1 and sparse with endian checks for 6.12" \
	builds 6.12 W=1 C=2 CF=-D__CHECK_ENDIAN__
check "cppcheck on the tool" cppcheck_user
check "cppcheck on the tests" cppcheck_selftests
check "shellcheck" shellcheck_all
check "mandoc -T lint" mandoc_all
check "the YNL spec" spec
check "a licence at the head of each file" licences
check "no file over 600 lines" lengths
check "nothing left to do" left_to_do
[ $failures = 0 ]
