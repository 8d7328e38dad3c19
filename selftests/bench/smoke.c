// SPDX-License-Identifier: GPL-2.0
/*
 * smoke DIR KIND SIZE PROBES CANDIDATES
 *
 * What looking packets up takes, in numbers that are the same on every machine: compiles the
 * rules of DIR (see generate.c) as fwimg does, builds the index as the module does, sends the
 * trace of DIR through it, and counts, for each packet, the buckets looked into and the
 * rules given to the match. Fails when a packet takes more than PROBES or CANDIDATES of
 * them, or when the index finds another rule than the walk (for the first packets).
 * Prints one line of KTAP, without a number.
 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "../../kmod/body.h"
#include "../../kmod/eval.h"
#include "../../kmod/index.h"
#include "../../user/emit.h"
#include "../../user/io.h"
#include "../../user/parse.h"
#include "packet.h"

#define COMPARED	200U	/* packets that are walked, too */

__thread struct fwload_env_counts fwload_env_counts;

static void die(const char *what)
{
	printf("# %s\nnot ok\n", what);
	exit(1);
}

/* What the packets of a trace do not have. */

void fwload_pkt_load_ct(struct fwload_pkt *pkt)
{
	pkt->has_ct = true;
	pkt->ct_valid = false;
	pkt->ct_states = 0;
}

bool fwload_pkt_mac(const struct fwload_pkt *pkt, u8 mac[6])
{
	return false;
}

bool fwload_pkt_tcp_options(const struct fwload_pkt *pkt, u8 *buf, u32 len)
{
	return false;
}

bool fwload_ext_match(const struct fwload_code *code, u32 ext, struct fwload_pkt *pkt)
{
	return true;
}

static void *take(struct fwload_index_memory *memory, size_t size)
{
	return calloc(1, size);
}

static void give(struct fwload_index_memory *memory, void *p, size_t size)
{
	free(p);
}

/* An image of the rules. */
static void make_image(const char *path, struct buf *image)
{
	struct ruleset *rs = ruleset_new();
	struct diag d = { .out = stdout };
	struct input in;

	input_read(&in, path);
	d.file = in.name;
	d.text = (const char *)in.data;
	d.size = in.size;
	if (!parse_text(rs, FWLOAD_FAMILY_IPV4, d.text, d.size, &d) ||
	    emit_image(rs, false, image))
		die("the rules are refused");
	ruleset_free(rs);
	input_free(&in);
}

/* The chain with the most rules: its body, checked. */
static void largest_body(const struct buf *image, struct fwload_body *b)
{
	struct fwload_image_error err;
	struct fwload_image img;
	u32 most = 0, n;
	u64 at;

	if (fwload_image_check(image->data, image->size, &img, &err))
		die(err.reason);
	at = img.index_size;
	for (u32 i = 0; i < img.n_chains; i++) {
		n = le32_to_cpu(img.chains[i].n_rules);
		if (n > most) {
			if (fwload_body_check(&img, i, at, image->data + at, b, &err))
				die(err.reason);
			most = n;
		}
		at += le32_to_cpu(img.chains[i].body_size);
	}
}

static void make_key(struct fwload_pkt *pkt, const struct packet *p)
{
	static const char nothing[16];

	memset(pkt, 0, sizeof(*pkt));
	pkt->family = FWLOAD_FAMILY_IPV4;
	pkt->table = FWLOAD_TABLE_FILTER;
	pkt->proto = p->proto;
	pkt->saddr[0] = p->saddr;
	pkt->daddr[0] = p->daddr;
	pkt->thoff = 20;
	pkt->avail = sizeof(pkt->th_copy);
	pkt->len = p->len;
	pkt->in = nothing;
	pkt->out = nothing;
	pkt->th = pkt->th_copy;
	memcpy(pkt->th_copy, &p->sport, sizeof(p->sport));
	if (p->proto != IPPROTO_ICMP)
		memcpy(pkt->th_copy + 2, &p->dport, sizeof(p->dport));
	if (p->proto == IPPROTO_TCP) {
		pkt->th_copy[12] = 5 << 4;
		pkt->th_copy[13] = p->tcp_flags;
	}
}

/* A hash of the rules that match, up to one that ends it or leads away. */
static u64 walk(const struct fwload_code *code, struct fwload_pkt *pkt)
{
	struct fwload_place at = { .rule = (const void *)code->rules };
	struct fwload_cursor cursor = { .code = NULL };
	u32 target;
	u64 sum = 1;

	for (;;) {
		at = fwload_match_first(code, at, pkt, &cursor);
		if (!at.rule)
			return sum;
		sum = sum * 0x9e3779b97f4a7c15ULL + at.index + 1;
		target = le32_to_cpu(at.rule->target) >> FWLOAD_IMG_TARGET_SHIFT;
		if (target != FWLOAD_IMG_T_NONE && target != FWLOAD_IMG_T_MARK &&
		    target != FWLOAD_IMG_T_EXT)
			return sum;
		at.rule = (const void *)((const u8 *)at.rule + le16_to_cpu(at.rule->size) * 8);
		at.index++;
	}
}

int main(int argc, char **argv)
{
	struct fwload_index_memory memory = { .alloc = take, .free = give };
	u64 random[2][FWLOAD_KEY_WORDS], sum_probes = 0, sum_candidates = 0;
	u64 probes = 0, candidates = 0, differ = 0;
	struct fwload_index *index = NULL;
	struct fwload_code indexed, linear;
	const struct packet *trace;
	struct buf image = { NULL };
	struct fwload_pkt pkt;
	struct fwload_body b;
	char path[4096];
	struct input in;
	size_t n, i;

	if (argc != 6)
		return 2;
	snprintf(path, sizeof(path), "%s/rules.v4", argv[1]);
	make_image(path, &image);
	largest_body(&image, &b);
	for (i = 0; i < FWLOAD_KEY_WORDS; i++) {
		random[0][i] = xxh64(&i, sizeof(i), 1) | 1;
		random[1][i] = xxh64(&i, sizeof(i), 2) | 1;
	}
	linear = (struct fwload_code){
		.rules = b.rules, .rules_size = b.rules_size, .n_rules = b.n_rules,
		.percpu = calloc(b.n_rules + 1, sizeof(struct fwload_counter)),
	};
	if (!linear.percpu ||
	    (b.plan && fwload_index_build(&b, FWLOAD_FAMILY_IPV4, random, &memory, &index)))
		die("no memory");
	indexed = linear;
	indexed.index = index;

	snprintf(path, sizeof(path), "%s/trace", argv[1]);
	input_read(&in, path);
	trace = (const struct packet *)in.data;
	n = in.size / sizeof(*trace);
	for (i = 0; i < n; i++) {
		u64 seen;

		make_key(&pkt, &trace[i]);
		memset(&fwload_env_counts, 0, sizeof(fwload_env_counts));
		seen = walk(&indexed, &pkt);
		sum_probes += fwload_env_counts.probes;
		sum_candidates += fwload_env_counts.candidates;
		if (fwload_env_counts.probes > probes)
			probes = fwload_env_counts.probes;
		if (fwload_env_counts.candidates > candidates)
			candidates = fwload_env_counts.candidates;
		if (i < COMPARED && seen != walk(&linear, &pkt))
			differ++;
	}
	printf("# %s %s: buckets %.2f a packet, at most %llu of %s; rules tried %.2f a packet, at most %llu of %s; %llu of %u found by the walk differ\n",
	       argv[2], argv[3], (double)sum_probes / n, (unsigned long long)probes, argv[4],
	       (double)sum_candidates / n, (unsigned long long)candidates, argv[5],
	       (unsigned long long)differ, COMPARED);
	if (!index || differ || probes > strtoull(argv[4], NULL, 10) ||
	    candidates > strtoull(argv[5], NULL, 10)) {
		printf("not ok\n");
		return 1;
	}
	printf("ok\n");
	return 0;
}
