// SPDX-License-Identifier: GPL-2.0
/*
 * Packets through images that the validator has accepted: what it lets pass must be
 * walked without a bad access, within the depth and the number of rules that the graph
 * promised, to a verdict. Each packet goes twice, through all rules and by an index for
 * each chain, after the image's plan or one made up: verdict, mark and counters must
 * be the same. Extensions are pure functions of the packet here.
 */
#include <stdio.h>

#include "../../kmod/body.h"
#include "../../kmod/classify.h"
#include "../../kmod/eval.h"
#include "../../kmod/graph.h"
#include "../../kmod/index.h"
#include "walk.h"

#define MAX_VISITS	100000
#define PACKETS		8

u32 fuzz_random_next(struct fuzz_random *r)
{
	r->state ^= r->state << 13;
	r->state ^= r->state >> 7;
	r->state ^= r->state << 17;
	return r->state >> 16;
}

u32 fuzz_random_below(struct fuzz_random *r, u32 n)
{
	return fuzz_random_next(r) % n;
}

/**
 * struct walk - the chains of an image, ready to be walked
 * @data: the image
 * @img: likewise, validated
 * @chains: by their numbers: first without, then with an index
 * @bodies: the body of each, alone in its memory
 * @dyns: the addresses of interfaces, the same for all of an image
 * @dyn: see @dyns
 * @addrs: likewise
 * @nodes: the graph
 * @depth: of the whole image
 */
struct walk {
	const u8 *data;
	const struct fwload_image *img;
	struct fwload_code **chains[2];
	u8 **bodies;
	struct fwload_dyns *dyns;
	struct fwload_dyn dyn;
	struct fwload_addrs *addrs;
	struct fwload_graph_node *nodes;
	u32 depth;
};

__thread struct fwload_env_counts fwload_env_counts;

static void *take(size_t n, size_t size)
{
	void *p = calloc(n, size);

	if (!p && n)
		abort();
	return p;
}

/* What the packet's owner supplies ---------------------------------------------------- */

static u32 mix(u32 a, u32 b)
{
	u32 x = (a + 1) * 0x9e3779b1U ^ (b + 7) * 0x85ebca77U;

	x ^= x >> 15;
	x *= 0xc2b2ae3dU;
	return x ^ x >> 13;
}

bool fwload_ext_match(const struct fwload_code *code, u32 ext, struct fwload_pkt *pkt)
{
	u32 x = mix(ext, pkt->mark);

	(void)code;
	if (x % 29 == 0)
		pkt->hotdrop = true;
	return x >> 8 & 1;
}

u32 fwload_ext_target(const struct fwload_code *code, u32 ext, struct fwload_pkt *pkt)
{
	u32 x = mix(ext + 100, pkt->mark);

	(void)code;
	if (x % 5 == 0)
		return x >> 8 & 1 ? FWLOAD_VERDICT_ACCEPT : FWLOAD_VERDICT_DROP;
	pkt->traced = x & 0x1000;
	pkt->mark ^= x % 3;
	return FWLOAD_VERDICT_CONTINUE;
}

void fwload_pkt_load_ct(struct fwload_pkt *pkt)
{
	pkt->has_ct = true;
	pkt->ct_valid = pkt->mark & 1;
	pkt->ct_states = 1U << (pkt->mark % 8);
	pkt->ct_mark = pkt->mark;
}

bool fwload_pkt_mac(const struct fwload_pkt *pkt, u8 mac[6])
{
	memcpy(mac, pkt->saddr, 6);
	return pkt->mark & 2;
}

bool fwload_pkt_tcp_options(const struct fwload_pkt *pkt, u8 *buf, u32 len)
{
	memset(buf, pkt->mark, len);
	return pkt->mark & 4;
}

void fwload_pkt_set_mark(struct fwload_pkt *pkt, u32 mark)
{
	pkt->mark = mark;
}

void fwload_pkt_connmark(struct fwload_pkt *pkt,
			 const struct fwload_img_el_set_connmark *el)
{
	pkt->ct_mark = le32_to_cpu(el->ctmark);
	pkt->has_ct = false;
}

void fwload_pkt_trace(const struct fwload_pkt *pkt, const struct fwload_code *code,
		      struct fwload_place at)
{
	(void)pkt;
	if (at.index > code->n_rules || !at.rule != (at.index == code->n_rules))
		FUZZ_FAIL("rule %u of %u is traced", at.index, code->n_rules);
}

/* Packets ----------------------------------------------------------------------------- */

/* Eight bytes of the image, or random ones. */
static void some_bytes(struct fuzz_random *r, const struct walk *w, void *to)
{
	u32 words = w->img->size / 8, x;

	if (fuzz_random_below(r, 4)) {
		memcpy(to, w->data + 8ULL * fuzz_random_below(r, words), 8);
		return;
	}
	x = fuzz_random_next(r);
	memcpy(to, &x, 4);
	memcpy((u8 *)to + 4, &x, 4);
}

/* @header: 20 bytes, of which the packet has the last @pkt->avail. */
static void make_packet(struct fuzz_random *r, const struct walk *w, u8 family, u8 *header,
			struct fwload_pkt *pkt)
{
	static const u8 protos[] = { 6, 6, 17, 17, 1, 58, 132, 136, 33, 0, 255 };
	static const char *const names[] = { "", "lo", "eth0", "eth0.100", "ppp12345678901" };
	u8 bytes[8];
	u32 i;

	memset(pkt, 0xa5, sizeof(*pkt));	/* nothing else may be looked at */
	pkt->family = family;
	pkt->table = 0;
	pkt->proto = protos[fuzz_random_below(r, sizeof(protos))];
	pkt->unparsable = family == FWLOAD_FAMILY_IPV6 && !fuzz_random_below(r, 16);
	pkt->hotdrop = false;
	pkt->traced = !fuzz_random_below(r, 4);
	pkt->pkt_type = fuzz_random_below(r, 4);
	pkt->fragoff = fuzz_random_below(r, 8) ? 0 : fuzz_random_below(r, 3);
	pkt->avail = fuzz_random_below(r, 4) ? 20 : fuzz_random_below(r, 21);
	pkt->thoff = 20;
	pkt->len = 40;
	pkt->mark = fuzz_random_next(r);
	pkt->th = header + 20 - pkt->avail;
	for (i = 0; i < 20; i += 4) {
		some_bytes(r, w, bytes);
		memcpy(header + i, bytes + 4 * fuzz_random_below(r, 2), 4);
	}
	for (i = 0; i < 4; i++) {
		some_bytes(r, w, bytes);
		memcpy(&pkt->saddr[i], bytes + 4, 4);
		some_bytes(r, w, bytes);
		memcpy(&pkt->daddr[i], bytes + 4, 4);
	}
	pkt->in = names[fuzz_random_below(r, ARRAY_SIZE(names))];
	pkt->out = names[fuzz_random_below(r, ARRAY_SIZE(names))];
	pkt->has_ct = false;
	pkt->skb = NULL;
	pkt->state_ptr = NULL;
}

/* Names of interfaces are 16 bytes. */
static void own_names(struct fwload_pkt *pkt, char (*names)[16])
{
	strncpy(names[0], pkt->in, sizeof(names[0]));
	strncpy(names[1], pkt->out, sizeof(names[1]));
	pkt->in = names[0];
	pkt->out = names[1];
}

static u64 counted(const struct fwload_code *c)
{
	u64 sum = 0;
	u32 i;

	for (i = 0; i < c->n_rules + c->is_base; i++)
		sum += c->percpu[i].packets;
	return sum;
}

static u64 all_counted(const struct walk *w)
{
	u64 sum = 0;
	u32 i;

	for (i = 0; i < w->img->n_chains; i++)
		sum += counted(w->chains[0][i]);
	return sum;
}

/* Walk one of the two sets of chains. */
static u32 judge(const struct walk *w, int set, u32 chain, struct fwload_pkt *pkt)
{
	struct fwload_jump *stack = take(w->depth, sizeof(*stack));
	u32 verdict;

	verdict = fwload_eval(w->chains[set][chain], w->img->chains[chain].policy,
			      w->chains[set], stack, pkt);
	free(stack);
	return verdict;
}

static void compare(const struct walk *w)
{
	u32 i;

	for (i = 0; i < w->img->n_chains; i++) {
		const struct fwload_code *a = w->chains[0][i], *b = w->chains[1][i];

		if (memcmp(a->percpu, b->percpu, (a->n_rules + 1) * sizeof(*a->percpu)))
			FUZZ_FAIL("the counters of chain %u differ with an index", i);
	}
}

static void send(const struct walk *w, struct fuzz_random *r, u8 family, u32 chain)
{
	char (*names)[16] = take(2, sizeof(*names));
	u64 before = all_counted(w);
	struct fwload_pkt pkt, same;
	u8 *header = take(1, 20);
	u32 verdict;

	make_packet(r, w, family, header, &pkt);
	own_names(&pkt, names);
	same = pkt;
	verdict = judge(w, 0, chain, &pkt);
	if (verdict != FWLOAD_VERDICT_DROP && verdict != FWLOAD_VERDICT_ACCEPT &&
	    verdict != FWLOAD_VERDICT_QUEUE)
		FUZZ_FAIL("verdict %u", verdict);
	if (all_counted(w) - before > w->nodes[chain].visits + 1)
		FUZZ_FAIL("%llu rules counted, %llu can be visited",
			  (unsigned long long)(all_counted(w) - before),
			  (unsigned long long)w->nodes[chain].visits);
	if (judge(w, 1, chain, &same) != verdict || same.mark != pkt.mark)
		FUZZ_FAIL("verdict or mark differ with an index");
	compare(w);
	free(header);
	free(names);
}

/* Chains ------------------------------------------------------------------------------ */

static void *take_index(struct fwload_index_memory *memory, size_t size)
{
	(void)memory;
	return take(1, size);
}

static void give_index(struct fwload_index_memory *memory, void *p, size_t size)
{
	(void)memory;
	(void)size;
	free(p);
}

/* Some plan for a chain of @n rules, well-formed. */
static struct fwload_img_plan *make_plan(struct fuzz_random *r, u32 n, u8 family)
{
	static const u8 prefixes[] = { 0, 0, 8, 16, 24, 32, 32, 64, 128 };
	u32 n_prefixes = family == FWLOAD_FAMILY_IPV4 ? 7 : 9;
	u32 n_masks = 1 + fuzz_random_below(r, 4), i;
	struct fwload_img_plan *plan;
	u8 *number;

	plan = take(1, sizeof(*plan) + n_masks * sizeof(plan->masks[0]) + n);
	plan->n_masks = n_masks;
	plan->src_window = fuzz_random_below(r, 21);
	plan->dst_window = fuzz_random_below(r, 21);
	for (i = 0; i < n_masks; i++) {
		plan->masks[i] = (struct fwload_img_mask){
			.src = prefixes[fuzz_random_below(r, n_prefixes)],
			.dst = prefixes[fuzz_random_below(r, n_prefixes)],
			.dport = fuzz_random_below(r, 2) * 16,
			.fields = 1 + fuzz_random_below(r, 7),
		};
	}
	number = (u8 *)&plan->masks[n_masks];
	for (i = 0; i < n; i++) {
		number[i] = fuzz_random_below(r, n_masks + 1);
		if (number[i] == n_masks)
			number[i] = FWLOAD_IMG_NO_MASK;
	}
	return plan;
}

static void index_chain(struct walk *w, struct fuzz_random *r, u32 i, struct fwload_body b)
{
	struct fwload_index_memory memory = { .alloc = take_index, .free = give_index };
	struct fwload_code *c = w->chains[1][i];
	u8 family = fwload_image_table(w->img, i)->family;
	struct fwload_img_plan *made = NULL;
	u64 random[2][FWLOAD_KEY_WORDS];
	struct fwload_index *index;
	u32 j;

	for (j = 0; j < FWLOAD_KEY_WORDS; j++) {
		random[0][j] = (u64)fuzz_random_next(r) << 32 | fuzz_random_next(r);
		random[1][j] = (u64)fuzz_random_next(r) << 32 | fuzz_random_next(r);
	}
	if (!b.plan) {
		made = make_plan(r, b.n_rules, family);
		b.plan = made;
	}
	if (fwload_index_build(&b, family, random, &memory, &index))
		FUZZ_FAIL("an index cannot be built");
	c->index = index;
	free(made);
}

static void open_chain(struct walk *w, struct fuzz_random *r, u32 i, u64 offset)
{
	const struct fwload_img_chain *ic = &w->img->chains[i];
	struct fwload_code *c = take(1, sizeof(*c));
	struct fwload_body b = { .n_rules = 0 };
	struct fwload_image_error err;
	u32 size = le32_to_cpu(ic->body_size);

	w->chains[0][i] = c;
	w->chains[1][i] = take(1, sizeof(*c));
	/* Something to point at for a chain without a body, too. */
	w->bodies[i] = take(1, size ? size : 1);
	c->rules = w->bodies[i];
	c->is_base = ic->hook != FWLOAD_IMG_NO_HOOK;
	c->dyns = w->dyns;
	if (c->is_base)
		w->nodes[i].hooks = 1U << ic->hook;
	if (fwload_image_has_body(ic)) {
		memcpy(w->bodies[i], w->data + offset, size);
		if (fwload_body_check(w->img, i, offset, w->bodies[i], &b, &err))
			FUZZ_FAIL("a body is fine, and then it is not: %s", err.reason);
		c->rules = b.rules;
		c->refs = b.refs;
		c->rules_size = b.rules_size;
		c->n_rules = b.n_rules;
		w->nodes[i].refs = b.refs;
		w->nodes[i].n_refs = b.n_live_refs;
		w->nodes[i].n_rules = b.n_rules;
	}
	if (b.n_dyns > w->dyns->n)
		FUZZ_FAIL("more slots than there is room for");
	*w->chains[1][i] = *c;
	c->percpu = take(c->n_rules + 1, sizeof(*c->percpu));
	w->chains[1][i]->percpu = take(c->n_rules + 1, sizeof(*c->percpu));
	if (b.n_rules)
		index_chain(w, r, i, b);
}

/* As many slots as a body of the image can have. */
static void open_dyns(struct walk *w)
{
	u32 n = w->img->size / sizeof(struct fwload_img_el_dyn), i;

	w->addrs = take(1, sizeof(*w->addrs) + sizeof(w->addrs->range[0]));
	w->addrs->n = 1;
	w->addrs->range[0].last.low = 0x7fffffff;
	w->dyn.addrs = w->addrs;
	w->dyns = take(1, sizeof(*w->dyns) + n * sizeof(w->dyns->dyn[0]));
	w->dyns->n = n;
	for (i = 0; i < n; i++)
		w->dyns->dyn[i] = &w->dyn;
}

static void open_chains(struct walk *w, struct fuzz_random *r)
{
	u64 offset = w->img->index_size;
	u32 i;

	for (i = 0; i < w->img->n_chains; i++) {
		open_chain(w, r, i, offset);
		offset += le32_to_cpu(w->img->chains[i].body_size);
	}
}

static void close_chains(struct walk *w)
{
	u32 i;

	for (i = 0; i < w->img->n_chains; i++) {
		free((void *)w->chains[1][i]->index);
		free(w->chains[1][i]->percpu);
		free(w->chains[1][i]);
		free(w->chains[0][i]->percpu);
		free(w->chains[0][i]);
		free(w->bodies[i]);
	}
	free(w->dyns);
	free(w->addrs);
}

bool fuzz_is_whole(const struct fwload_image *img)
{
	u32 i;

	for (i = 0; i < img->n_tables; i++)
		if (img->tables[i].flags & FWLOAD_IMG_TABLE_MERGE)
			return false;
	return true;
}

void fuzz_walk_image(const u8 *data, const struct fwload_image *img, u64 seed)
{
	struct walk w = {
		.data = data,
		.img = img,
	};
	struct fuzz_random r = { .state = seed | 1 };
	struct fwload_graph_result result;
	u32 i, n;

	if (!fuzz_is_whole(img))
		return;
	w.chains[0] = take(img->n_chains, sizeof(*w.chains[0]));
	w.chains[1] = take(img->n_chains, sizeof(*w.chains[1]));
	w.bodies = take(img->n_chains, sizeof(*w.bodies));
	w.nodes = take(img->n_chains, sizeof(*w.nodes));
	open_dyns(&w);
	open_chains(&w, &r);
	if (fwload_graph_check(w.nodes, img->n_chains, &result))
		FUZZ_FAIL("the graph is fine, and then it is not");
	w.depth = result.depth;
	for (i = 0; i < img->n_chains; i++) {
		if (img->chains[i].hook == FWLOAD_IMG_NO_HOOK || w.nodes[i].visits > MAX_VISITS)
			continue;
		for (n = 0; n < PACKETS; n++)
			send(&w, &r, fwload_image_table(img, i)->family, i);
	}
	close_chains(&w);
	free(w.nodes);
	free(w.bodies);
	free(w.chains[0]);
	free(w.chains[1]);
}
