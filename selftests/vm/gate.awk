# SPDX-License-Identifier: GPL-2.0
#
# Judges one part of the tests by the KTAP it printed.
#
#	awk -v part=NAME -v status=EXIT -f gate.awk FILE
#
# prints a line "failed: NAME: TEST: why" for each failure and, at the end, the two numbers
# "PASSED FAILED" alone on a line.
#
# What counts is each result that has no results below it. A result with some, such as a
# KUnit suite, only repeats them; it counts (as a failure) when it failed and none of them
# did. These count as failures too, for a test that did not run has proved nothing:
#
#   - at any level, a plan that is missing, or promises other than the results there are;
#   - a result whose number is not the next one;
#   - a skipped test, or one marked as to do;
#   - "Bail out!";
#   - no result at all;
#   - an exit status other than 0 when all tests of the part passed.
#
# Levels are told by their indentation. All lines that are not KTAP are let be.

function failure(name, why)
{
	failed++
	print "failed: " part ": " name ": " why
}

# A level begins with its version line or its plan, whichever comes first.
function open_level(indent)
{
	if (depth && at[depth] >= indent)
		return
	depth++
	at[depth] = indent
	plan[depth] = -1
	seen[depth] = 0
	# Failures so far: a parent asks whether any came after this.
	before[depth] = failed
}

function close_level(	name)
{
	name = "the tests"
	if (plan[depth] < 0)
		failure(name, "no plan, so some may be missing")
	else if (plan[depth] != seen[depth])
		failure(name, "planned " plan[depth] ", saw " seen[depth])
	children = 1
	child_failed = failed > before[depth]
	depth--
}

# Ends the levels that are deeper than INDENT.
function close_to(indent)
{
	children = 0
	child_failed = 0
	while (depth && at[depth] > indent)
		close_level()
}

function result(indent, text,	bad, number, name)
{
	close_to(indent)
	open_level(indent)
	bad = text ~ /^not /
	sub(/^(not )?ok /, "", text)
	number = text + 0
	sub(/^[0-9]+ *(- )?/, "", text)
	name = text == "" ? "test " number : text
	seen[depth]++
	if (number != seen[depth]) {
		failure(name, "is number " number " where " seen[depth] " was due")
		seen[depth] = number
	} else if (text ~ /# *(SKIP|skip|T[O]DO|todo)/) {
		failure(name, "was not run")
	} else if (bad) {
		if (!child_failed)
			failure(name, "not ok")
	} else if (!children) {
		passed++
	}
}

BEGIN {
	depth = passed = failed = 0
}

{
	sub(/\r$/, "")
	match($0, /^ */)
	indent = RLENGTH
	line = substr($0, indent + 1)
}

line ~ /^KTAP version [0-9]/ || line ~ /^TAP version [0-9]/ {
	# A second document at the same level is a new level of its own.
	close_to(indent)
	if (depth && at[depth] == indent)
		close_level()
	open_level(indent)
	next
}

line ~ /^1\.\.[0-9]+/ {
	close_to(indent)
	open_level(indent)
	if (plan[depth] >= 0)
		failure("the tests", "two plans")
	plan[depth] = substr(line, 4) + 0
	next
}

line ~ /^(not )?ok [0-9]+/ {
	result(indent, line)
	next
}

line ~ /^Bail out!/ {
	failure("the tests", line)
}

END {
	close_to(-1)
	if (!passed && !failed)
		failure("the tests", "none ran")
	if (status + 0 != 0 && !failed)
		failure("the tests", "all passed, but the part ended with status " status)
	print passed, failed
}
