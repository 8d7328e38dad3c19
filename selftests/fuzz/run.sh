#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Usage: run.sh [SECONDS]
#
# Builds the fuzzers of the host and runs each for SECONDS (60), as KTAP; what they
# find stays in $FWLOAD_BUILD/fuzz/found. They start from the rule sets of the other tests and
# from seeds/: whole files, and each rule alone, as text and compiled, and an image for each line
# of image.c that these do not come to (line-*.img), so that what is reached is no luck. Then
# tells how much of the validator they went through, and fails below what is promised of image.c.
#
# An input that was found is run again with build/fuzz/fuzz_NAME FILE. FWLOAD_SEED is where the
# randomness begins (1).

# shellcheck source=../vm/lib.sh
. "$(dirname "$0")/../vm/lib.sh"

seconds=${1:-60}
here=$FWLOAD_TOP/selftests/fuzz
out=$FWLOAD_BUILD/fuzz
lines_wanted=95
targets=(image text)

pkg_need clang llvm "${PKGS_USER[@]}"
quietly "$FWLOAD_BUILD/log/fuzz-build.log" make -C "$here" O="$out"
quietly "$FWLOAD_BUILD/log/user.log" make -C "$FWLOAD_TOP" user

# Text seeds, the first byte telling the family: $1/NAME for each file of at most 4 KiB,
# $1/NAME.LINE for each rule with its chain.
text_seeds()
{
	local dir=$1 file family

	for file in "$FWLOAD_TOP"/selftests/{rulesets/text,fuzz/seeds}/*.v[46]; do
		family=${file##*.v}
		if [ "$(stat -c %s "$file")" -le 4096 ]; then
			{ printf %s "$family"; cat "$file"; } >"$dir/${file##*/}"
		fi
		awk -v family="$family" -v out="$dir/${file##*/}" '
			/^\*/ { table = $0; chains = "" }
			/^:/ { chains = chains $0 "\n" }
			/^-A/ {
				used = ""
				n = split(chains, lines, "\n")
				for (i = 1; i < n; i++) {
					split(substr(lines[i], 2), word, " ")
					if (index($0 " ", " " word[1] " "))
						used = used lines[i] "\n"
				}
				name = out "." NR
				printf "%s%s\n%s%s\nCOMMIT\n", family, table, used, $0 > name
				close(name)
			}' "$file"
	done
}

# Images of the text seeds, and those that are damaged in ways that are rarely hit upon.
image_seeds()
{
	local texts=$1 dir=$2 file

	cp "$here"/seeds/*.img "$dir/"
	for file in "$texts"/*; do
		tail -c +2 "$file" | "$FWLOAD_TOP/user/fwimg" compile "-$(head -c 1 "$file")" \
			-o "$dir/${file##*/}" 2>/dev/null || true
	done
}

fuzz()
{
	local name=$1 rc=0 log=$out/fuzz_$1.log

	LLVM_PROFILE_FILE=$out/$name.profraw "$out/fuzz_$name" \
		-seed="${FWLOAD_SEED:-1}" -max_total_time="$seconds" \
		-max_len=4096 -timeout=30 -rss_limit_mb=1024 -malloc_limit_mb=64 \
		-use_value_profile=1 -dict="$here/$name.dict" -print_final_stats=1 \
		-artifact_prefix="$out/found/$name-" \
		"$out/corpus/$name" >"$log" 2>&1 </dev/null || rc=$?
	if [ $rc != 0 ]; then
		grep -v -E '^#[0-9]|^INFO|^ParseD|^Dict|^stat::|NEW_FUNC' "$log" | tail -n 60 | sed 's/^/# /'
	fi
	echo "# summary: fuzz_$name: $(awk '/number_of_executed_units/ { print $2 }' "$log") inputs"
	return $rc
}

# The share of lines of image.c that were run, in percent.
coverage()
{
	local profiles=() name lines

	for name in "${targets[@]}"; do
		profiles+=("$out/$name.profraw")
	done
	llvm-profdata merge -o "$out/profile" "${profiles[@]}" &&
		llvm-cov report "$out/fuzz_image" -object "$out/fuzz_text" \
			-instr-profile="$out/profile" | sed 's|^.*\.\./kmod/|kmod/|' \
			>"$out/coverage" || return
	# Lines, missed lines and their share are columns 8 to 10.
	awk '/^kmod\// { printf "# summary: %s: %s of %d lines\n", $1, $10, $8 }' "$out/coverage"
	lines=$(awk '$1 == "kmod/image.c" { print int($10) }' "$out/coverage")
	[ "${lines:-0}" -ge $lines_wanted ]
}

[ -e "$out/found" ] && rm -rf "$out/found"
mkdir -p "$out/found" "$out/corpus/image" "$out/corpus/text"
text_seeds "$out/corpus/text"
image_seeds "$out/corpus/text" "$out/corpus/image"

echo "KTAP version 1"
echo "1..$((${#targets[@]} + 1))"
for target in "${targets[@]}"; do
	rc=0
	fuzz "$target" || rc=$?
	result $rc "nothing found by fuzz_$target"
done
rc=0
coverage || rc=$?
result $rc "at least $lines_wanted % of the lines of image.c were run"
[ $failures = 0 ]
