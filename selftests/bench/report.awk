# SPDX-License-Identifier: GPL-2.0
#
# results.tsv (lines of engine.sh) to tables in Markdown.

function get(kind, size, engine, name)
{
	return value[kind, size, engine, name]
}

# Three digits that count.
function number(x)
{
	if (x == "")
		return ""
	return x >= 100 || x == int(x) ? sprintf("%d", x + 0.5) : sprintf("%.1f", x)
}

# Picoseconds as ns, with how far the worst round was above the median.
function cost(kind, size, engine,	ps, text)
{
	ps = get(kind, size, engine, "packet_ps")
	if (ps == "")
		return ""
	text = number(ps / 1000)
	if (get(kind, size, engine, "packets") < 10000)
		text = text " *"
	return text
}

function row(text)
{
	printf "|%s\n", text
}

function cell(text)
{
	return " " text " |"
}

function heading(title, columns, n,	i, names, line, rule)
{
	printf "\n## %s\n\n", title
	split(columns, names, ",")
	for (i = 1; i <= n; i++) {
		line = line cell(names[i])
		rule = rule (i <= 2 ? "---|" : "---:|")
	}
	row(line)
	row(rule)
}

function ratio(a, b)
{
	return a == "" || b == "" || b + 0 == 0 ? "" : sprintf("%.3g", a / b)
}

function sum(a, b)
{
	return a == "" || b == "" ? "" : a + b
}

# The time to have a rule set in force; fwload's is that of two commands.
function load_ms(kind, size, engine)
{
	if (engine == "fwload")
		return sum(get(kind, size, engine, "compile_ms"), get(kind, size, engine, "push_ms"))
	return get(kind, size, engine, "load_ms")
}

$1 == "machine" {
	$1 = $2 = $3 = ""
	sub(/^ +/, "")
	name = $1
	$1 = ""
	sub(/^ +/, "")
	machine[name] = $0
	next
}

$5 == "DIFFER" { differ++ }
$5 == "same" { same++ }

{
	value[$1, $2, $3, $4] = $5
	if (!(($1, $2) in seen) && $3 != "native") {
		seen[$1, $2] = 1
		sets[++n_sets] = $1 SUBSEP $2
	}
	if ($3 == "native" && !(($1, $2) in native)) {
		native[$1, $2] = 1
		natives[++n_natives] = $1 SUBSEP $2
	}
}

END {
	n_engines = split("none iptables iptables-nft nft-set ipset fwload", engines, " ")

	print "# Results of `make bench`"
	printf "\n%s; kernel %s, %s.\n", machine["cpu"], machine["kernel"], machine["date"]
	printf "%d comparisons of verdicts and of counters between engines: %d differ.\n",
		same + differ, differ

	heading("Cost of a packet, ns", "rules,number,nothing loaded,iptables,iptables-nft," \
		"nft set or map,ipset,fwload,fwload / iptables,fwload / nft set", 10)
	for (i = 1; i <= n_sets; i++) {
		split(sets[i], s, SUBSEP)
		line = cell(s[1]) cell(s[2])
		for (e = 1; e <= n_engines; e++)
			line = line cell(cost(s[1], s[2], engines[e]))
		f = get(s[1], s[2], "fwload", "packet_ps")
		line = line cell(ratio(f, get(s[1], s[2], "iptables", "packet_ps")))
		line = line cell(ratio(f, get(s[1], s[2], "nft-set", "packet_ps")))
		row(line)
	}
	print "\nThe packets of the trace come from memory; * marks engines that are too slow for"
	print "10,000 packets a round. Of kube, the number is that of the services, each of 17"
	print "rules, and the cost that of the nat callbacks: setting up the address"
	print "translation, which is the same for all engines, is in it."

	heading("The same with the packet in the cache, ns", "rules,number,nothing loaded," \
		"iptables,iptables-nft,nft set or map,ipset,fwload,fwload / iptables", 9)
	for (i = 1; i <= n_sets; i++) {
		split(sets[i], s, SUBSEP)
		line = cell(s[1]) cell(s[2])
		any = 0
		for (e = 1; e <= n_engines; e++) {
			x = get(s[1], s[2], engines[e], s[1] == "kube" ? "setup_ps" : "warm_ps")
			line = line cell(x == "" ? "" : number(x / 1000))
		}
		line = line cell(s[1] == "kube" ? "" : \
			ratio(get(s[1], s[2], "fwload", "warm_ps"), get(s[1], s[2], "iptables", "warm_ps")))
		row(line)
	}
	print "\nOf kube: nf_nat_setup_info() alone."

	heading("Spread: the median round and the slowest, over the best, fwload", \
		"rules,number,best ns,median ns,slowest ns", 5)
	for (i = 1; i <= n_sets; i++) {
		split(sets[i], s, SUBSEP)
		row(cell(s[1]) cell(s[2]) \
		    cell(number(get(s[1], s[2], "fwload", "packet_ps") / 1000)) \
		    cell(number(get(s[1], s[2], "fwload", "packet_median_ps") / 1000)) \
		    cell(number(get(s[1], s[2], "fwload", "packet_max_ps") / 1000)))
	}
	print "\n\"Best\" takes of each 100 packets the best round; what else the machine did is in"
	print "the others."

	heading("Loading and saving, ms, and kernel memory, KiB, in User-mode Linux", \
		"rules,number,iptables: load,save,memory,iptables-nft: load,save,memory," \
		"nft set: load,save,memory,fwload: compile,push,save,memory", 15)
	for (i = 1; i <= n_sets; i++) {
		split(sets[i], s, SUBSEP)
		if (s[2] < 10000)
			continue
		line = cell(s[1]) cell(s[2])
		for (e = 2; e <= 4; e++)
			line = line cell(get(s[1], s[2], engines[e], "load_ms")) \
			       cell(get(s[1], s[2], engines[e], "save_ms")) \
			       cell(get(s[1], s[2], engines[e], "memory_kib"))
		line = line cell(get(s[1], s[2], "fwload", "compile_ms")) \
		       cell(get(s[1], s[2], "fwload", "push_ms")) \
		       cell(get(s[1], s[2], "fwload", "save_ms")) \
		       cell(get(s[1], s[2], "fwload", "memory_kib"))
		row(line)
	}
	print "\nUser-mode Linux makes page faults and system calls dear, to all of them. Memory is"
	print "what the machine has less, counters included."

	heading("Natively, processor time in ms and memory in KiB", \
		"rules,number,fwimg compile,from standard input,memory,fwimg save of the image," \
		"iptables-legacy-restore,memory,compile / restore", 9)
	for (i = 1; i <= n_natives; i++) {
		split(natives[i], s, SUBSEP)
		row(cell(s[1]) cell(s[2]) cell(get(s[1], s[2], "native", "compile_cpu_ms")) \
		    cell(get(s[1], s[2], "native", "compile_stdin_cpu_ms")) \
		    cell(get(s[1], s[2], "native", "compile_rss_kib")) \
		    cell(get(s[1], s[2], "native", "save_cpu_ms")) \
		    cell(get(s[1], s[2], "native", "restore_cpu_ms")) \
		    cell(get(s[1], s[2], "native", "restore_rss_kib")) \
		    cell(ratio(get(s[1], s[2], "native", "compile_cpu_ms"), \
			       get(s[1], s[2], "native", "restore_cpu_ms"))))
	}
}
