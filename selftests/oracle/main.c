// SPDX-License-Identifier: GPL-2.0
/*
 * The comparison: see oracle.h for what is compared with what.
 *
 *	oracle [--packets N] [--fwimg PATH] [--dir DIR] [--seed N] [--file FAMILY:RULES]...
 *	       [--sets N] [--first N] [--stop]
 *
 * Compares the rule sets of the files, as they are met, and then N (200) generated ones;
 * --stop ends at the first that differs. Prints KTAP; in DIR the rules of each generated
 * set that differs are left.
 */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "oracle.h"

#define MAX_SHOWN	5

static struct {
	u64 sets, packets, events, counters, differences, exact;
	u64 short_sets;			/* of fewer than 20 rules */
	u64 match_hit[N_KINDS], match_miss[N_KINDS], used[N_KINDS];
	u64 full_sets;			/* every rule was hit */
} total;

static u32 n_packets = 2000;
static u64 seed = 1;
static const char *dir = ".";

/* What one packet caused, kept for comparison with the other router. */
struct trace {
	size_t size, room;
	u8 *data;
	u32 n;
	size_t *at;		/* n + 1 places in data */
};

static void trace_add(struct trace *t, const struct outcome *o)
{
	while (t->size + o->size > t->room) {
		t->room = t->room ? 2 * t->room : 1 << 20;
		t->data = realloc(t->data, t->room);
		if (!t->data)
			exit(1);
	}
	if (!t->at)
		t->at = calloc(2 * n_packets + 2, sizeof(*t->at));
	memcpy(t->data + t->size, o->data, o->size);
	t->size += o->size;
	t->at[++t->n] = t->size;
}

static void trace_free(struct trace *t)
{
	free(t->data);
	free(t->at);
	memset(t, 0, sizeof(*t));
}

/*
 * Send the packets of @seed, each with the reply that it may deserve, and keep what came
 * of each. @ids gets the IP identification of what was sent.
 */
static void play(struct router *rt, u64 packet_seed, int family, bool nat, struct trace *t,
		 u16 *ids)
{
	struct rng r = { packet_seed }, reply_rng;
	struct outcome o;
	struct packet p;
	u32 i;

	for (i = 0; i < n_packets; i++) {
		packet_make(&p, &r, family, i + 1, nat);
		reply_rng.state = packet_seed ^ rnd(&r);
		router_send(rt, &p, &o);
		ids[t->n] = i + 1;
		trace_add(t, &o);

		/* what came out of a tap first may be answered there */
		p.len = 0;
		if (o.size > 17 && o.data[0] < N_TAPS && chance(&reply_rng, 40)) {
			u16 len;

			memcpy(&len, o.data + 1, 2);
			if (len <= 14 || !packet_reply(&p, &reply_rng, o.data[0], o.data + 17,
						       len - 14, 0x4000 + i, nat))
				p.len = 0;
		}
		o.size = 0;
		if (p.len)
			router_send(rt, &p, &o);
		ids[t->n] = 0x4000 + i;
		trace_add(t, &o);
	}
}

static void strip_ip(u8 *ip, const u8 *end)
{
	u32 hdr = (ip[0] & 15) * 4;

	if (ip + 20 > end || ip[0] >> 4 != 4)
		return;
	memset(ip + 4, 0, 2);
	memset(ip + 10, 0, 2);
	/* an ICMP error, and the packet that it is about */
	if (ip[9] == 1 && ip + hdr + 28 <= end && (ip[hdr] == 3 || ip[hdr] == 11))
		strip_ip(ip + hdr + 8, end);
}

/* IPv4: the kernel's own packets carry random identifications; take them out. */
static void strip_id(u8 *data, size_t size)
{
	size_t at = 0;
	u16 len;

	while (at + 3 <= size) {
		memcpy(&len, data + at + 1, 2);
		strip_ip(data + at + 3 + (data[at] < N_TAPS ? 14 : 0), data + at + 3 + len);
		at += 3 + len;
	}
}

static bool foreign_id(const u8 *data, size_t size, u16 id)
{
	size_t at = 0;
	u16 len;

	while (at + 3 <= size) {
		const u8 *ip = data + at + 3 + (data[at] < N_TAPS ? 14 : 0);

		memcpy(&len, data + at + 1, 2);
		if (ip + 20 <= data + size && (ip[4] << 8 | ip[5]) != id)
			return true;
		at += 3 + len;
	}
	return false;
}

static bool same(const u8 *a, size_t a_size, const u8 *b, size_t b_size, u16 id)
{
	u8 x[sizeof(((struct outcome *)0)->data)], y[sizeof(x)];

	if (a_size != b_size)
		return false;
	if (!memcmp(a, b, a_size)) {
		total.exact++;
		return true;
	}
	if (!foreign_id(a, a_size, id) && !foreign_id(b, b_size, id))
		return false;
	memcpy(x, a, a_size);
	memcpy(y, b, b_size);
	strip_id(x, a_size);
	strip_id(y, b_size);
	return !memcmp(x, y, a_size);
}

static void show(const char *who, const u8 *data, size_t size)
{
	size_t at = 0, i;
	u16 len;

	printf("#   %s:", who);
	for (; at + 3 <= size; at += 3 + len) {
		memcpy(&len, data + at + 1, 2);
		printf(" %s ", data[at] < N_TAPS ? tap_names[data[at]] : "local");
		for (i = 0; i < len && i < 160; i++)
			printf("%02x", data[at + 3 + i]);
	}
	printf("%s\n", size ? "" : " nothing");
}

static u64 compare_traces(const struct trace *a, const struct trace *b, const u16 *ids)
{
	u64 differences = 0;
	u32 i;

	for (i = 0; i < a->n; i++) {
		size_t as = a->at[i + 1] - a->at[i], bs = b->at[i + 1] - b->at[i];

		total.events++;
		if (same(a->data + a->at[i], as, b->data + b->at[i], bs, ids[i]))
			continue;
		if (differences++ < MAX_SHOWN) {
			printf("# packet %u%s\n", i / 2, i & 1 ? ", its reply" : "");
			show("iptables", a->data + a->at[i], as);
			show("fwload", b->data + b->at[i], bs);
		}
	}
	return differences;
}

static u64 compare_dumps(const char *a, const char *b)
{
	u64 differences = 0;

	while (*a || *b) {
		size_t al = strcspn(a, "\n"), bl = strcspn(b, "\n");

		if (*a == '[' || *a == ':')
			total.counters += 2;
		if ((al != bl || memcmp(a, b, al)) && differences++ < MAX_SHOWN)
			printf("# iptables: %.*s\n# fwload:   %.*s\n", (int)al, a, (int)bl, b);
		a += al + (a[al] == '\n');
		b += bl + (b[bl] == '\n');
	}
	return differences;
}

/* Packets of each rule, in the order of rules_write(). Returns how many there are. */
static u32 rule_packets(const char *dump, u64 *packets, u32 max)
{
	u32 n = 0;

	for (; *dump; dump += strcspn(dump, "\n"), dump += *dump == '\n')
		if (*dump == '[' && n < max)
			packets[n++] = strtoull(dump + 1, NULL, 10);
	return n;
}

/*
 * iptables prints chains sorted by name, base chains first, and with them the rules; so
 * bring the rules of @rs into that order, table by table, before they are counted.
 */
static int chain_rank(const char *chain)
{
	static const char *const base[] = {
		"PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(base); i++)
		if (!strcmp(chain, base[i]))
			return i;
	return 5;
}

static void sort_rules(struct rule_set *rs)
{
	u32 i, k;

	for (i = 1; i < rs->n; i++) {		/* insertion sort, stable */
		struct rule_text x = rs->rules[i];
		int rank = chain_rank(x.chain);

		for (k = i; k; k--) {
			const struct rule_text *y = &rs->rules[k - 1];
			int other = chain_rank(y->chain);

			if (y->table < x.table ||
			    (y->table == x.table &&
			     (other < rank || (other == rank && strcmp(y->chain, x.chain) <= 0))))
				break;
			rs->rules[k] = rs->rules[k - 1];
		}
		rs->rules[k] = x;
	}
}

static void note_kinds(const struct rule_set *rs, const u64 *packets)
{
	bool full = true;
	u32 i, k;

	for (i = 0; i < rs->n; i++) {
		full &= packets[i] > 0;
		for (k = 0; k < N_KINDS; k++)
			if (rs->rules[i].kinds & 1u << k)
				total.used[k] += packets[i] > 0;
		if (!rs->rules[i].counts_all || i + 1 >= rs->n)
			continue;
		for (k = 0; k < N_KINDS; k++) {
			if (!(rs->rules[i + 1].kinds & 1u << k))
				continue;
			total.match_hit[k] += packets[i + 1] > 0;
			total.match_miss[k] += packets[i + 1] < packets[i];
		}
	}
	total.full_sets += full;
	total.short_sets += rs->n < 20;
}

static bool write_rules(const struct rule_set *rs, const char *file)
{
	FILE *f = fopen(file, "w");

	if (!f)
		return false;
	rules_write(rs, f);
	return !fclose(f);
}

/* Load @file in a fresh router and play the packets; returns the dump, NULL on failure. */
static char *run_one(bool fwload, int family, const char *file, u64 packet_seed, bool nat,
		     struct trace *t, u16 *ids)
{
	struct router *rt = router_new(family);
	char *dump = NULL;

	if (fwload ? tool_fwload_load(family, file) : tool_iptables_load(family, file)) {
		play(rt, packet_seed, family, nat, t, ids);
		dump = fwload ? tool_fwload_save(family) : tool_iptables_save(family);
		if (fwload && !tool_fwload_flush()) {
			free(dump);
			dump = NULL;
		}
	}
	router_free(rt);
	return dump;
}

/* Compare on the rule set in @file. */
static bool compare_file(const char *file, int family, u64 packet_seed, bool nat,
			 const struct rule_set *rs)
{
	u16 *ids = calloc(2 * n_packets + 2, sizeof(*ids));
	struct trace a = { 0 }, b = { 0 };
	u64 packets[N_RULES_MAX] = { 0 }, differences = 1;
	char *x, *y;

	x = run_one(false, family, file, packet_seed, nat, &a, ids);
	y = run_one(true, family, file, packet_seed, nat, &b, ids);
	if (x && y) {
		differences = compare_traces(&a, &b, ids) + compare_dumps(x, y);
		if (rs && rule_packets(x, packets, N_RULES_MAX) == rs->n)
			note_kinds(rs, packets);
	}
	total.differences += differences;
	total.sets++;
	total.packets += n_packets;
	if (differences)
		printf("# %llu differences in %s\n", (unsigned long long)differences, file);
	free(x);
	free(y);
	free(ids);
	trace_free(&a);
	trace_free(&b);
	return !differences;
}

/*
 * In three of five sets the rules that no packet met are taken out beforehand, so that
 * there every rule is hit.
 */
static bool prune(struct rule_set *rs, const char *file, u64 packet_seed)
{
	u16 *ids = calloc(2 * n_packets + 2, sizeof(*ids));
	u64 packets[N_RULES_MAX] = { 0 };
	bool keep[N_RULES_MAX];
	struct trace t = { 0 };
	char *dump = run_one(false, rs->family, file, packet_seed, rs->tables[2], &t, ids);
	u32 i;

	trace_free(&t);
	free(ids);
	if (!dump || rule_packets(dump, packets, N_RULES_MAX) != rs->n) {
		free(dump);
		return false;
	}
	for (i = 0; i < rs->n; i++)
		keep[i] = packets[i] > 0;
	rules_prune(rs, keep);
	free(dump);
	return write_rules(rs, file);
}

static bool make_set(struct rule_set *rs, struct rng *r, int family, bool full,
		     u64 *packet_seed, const char *file)
{
	do {
		rules_make(rs, r, family, full ? 160 : 24 + pick(r, 40));
		sort_rules(rs);
		*packet_seed = rnd(r);
		if (!write_rules(rs, file) || (full && !prune(rs, file, *packet_seed)))
			return false;
	} while (rs->n < 20);
	return true;
}

static bool run_set(u32 number)
{
	static struct rule_set rs;
	struct rng r = { seed * 1000003 + number };
	int family = number & 1 ? 6 : 4;
	u64 packet_seed;
	char file[300];

	snprintf(file, sizeof(file), "%s/set%u.v%d", dir, number, family);
	if (!make_set(&rs, &r, family, number % 5 < 3, &packet_seed, file)) {
		total.differences++;
		return false;
	}
	if (!compare_file(file, family, packet_seed, rs.tables[2], &rs))
		return false;
	remove(file);
	snprintf(file, sizeof(file), "%s/set%u.v%d.img", dir, number, family);
	remove(file);
	return true;
}

static u32 tests;

static void report(bool ok, const char *text)
{
	printf("%sok %u %s\n", ok ? "" : "not ", ++tests, text);
}

static bool report_kinds(void)
{
	bool all = true, ok;
	u32 k;

	for (k = 0; k < N_KINDS; k++) {
		if (k == K_COMMENT)	/* matches always */
			ok = total.match_hit[k];
		else if (k < N_NATIVE_KINDS)
			ok = total.match_hit[k] && total.match_miss[k];
		else
			ok = total.used[k];
		printf("# %-16s %s alone hit %llu, missed %llu; in %llu rules that were hit\n",
		       kind_names[k], ok ? " " : "!", (unsigned long long)total.match_hit[k],
		       (unsigned long long)total.match_miss[k],
		       (unsigned long long)total.used[k]);
		all &= ok;
	}
	return all;
}

static void report_all(u32 generated, bool coverage)
{
	printf("# summary: %llu rule sets, %llu packets and their replies, %llu outcomes and "
	       "%llu counters compared, differences: %llu\n",
	       (unsigned long long)total.sets, (unsigned long long)total.packets,
	       (unsigned long long)total.events, (unsigned long long)total.counters,
	       (unsigned long long)total.differences);
	printf("1..%d\n", coverage ? 4 : 1);
	report(!total.differences && total.sets,
	       "every verdict, packet and counter is what iptables makes it");
	if (!coverage)
		return;
	report(report_kinds(), "every native match is seen matching and failing, every target");
	printf("# every rule hit in %llu of %u generated rule sets\n",
	       (unsigned long long)total.full_sets, generated);
	report(2 * total.full_sets >= generated, "in half of the rule sets every rule is hit");
	report(!total.short_sets, "each generated rule set has 20 rules or more");
}

static const struct option options[] = {
	{ "sets", 1, NULL, 'n' }, { "packets", 1, NULL, 'p' }, { "first", 1, NULL, '1' },
	{ "seed", 1, NULL, 's' }, { "fwimg", 1, NULL, 'w' }, { "dir", 1, NULL, 'd' },
	{ "file", 1, NULL, 'f' }, { "stop", 0, NULL, 'e' }, { 0 }
};

int main(int argc, char **argv)
{
	u32 sets = 200, first = 0, i;
	bool stop_early = false;
	int c;

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("KTAP version 1\n");
	while ((c = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		switch (c) {
		case 'n':
			sets = atoi(optarg);
			break;
		case 'p':
			n_packets = atoi(optarg);
			break;
		case '1':
			first = atoi(optarg);
			break;
		case 's':
			seed = strtoull(optarg, NULL, 0);
			break;
		case 'w':
			tool_fwimg = optarg;
			break;
		case 'd':
			dir = optarg;
			break;
		case 'f':
			if ((optarg[0] != '4' && optarg[0] != '6') || optarg[1] != ':')
				return 2;
			compare_file(optarg + 2, optarg[0] - '0', seed, true, NULL);
			break;
		case 'e':
			stop_early = true;
			break;
		default:
			return 2;
		}
	}
	printf("# seed %llu\n", (unsigned long long)seed);
	for (i = first; i < first + sets; i++)
		if (!run_set(i) && stop_early)
			break;
	/* fewer sets do not meet everything by chance */
	report_all(sets, sets >= 100 && !stop_early);
	return total.differences != 0;
}
