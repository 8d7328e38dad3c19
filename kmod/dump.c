// SPDX-License-Identifier: GPL-2.0
/*
 * GET_IMAGE: what is in force, with its counters, as one consistent dump.
 *
 * A dump is served in as many steps as the client reads, and commits go on in between. So
 * the first step takes a reference to each table in force, which keeps bodies and names
 * as they are, and a copy of all counters, which it sets to zero if that was asked for:
 * a counter that were read later could by then have been carried over to another chain.
 *
 * A client that looks for one chain of many gets a list of its own, with that chain and
 * perhaps those that it refers to: what it costs does not depend on the others.
 *
 * From then on a cursor walks through what was taken. Each put_*() either puts one message
 * and moves the cursor, or finds no room and leaves it where it is.
 */
#include <linux/err.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <net/genetlink.h>
#include <net/sock.h>

#include "../uapi/linux/fwload.h"
#include "main.h"
#include "memory.h"
#include "netlink.h"
#include "table.h"

#define N_TABLES	(__FWLOAD_FAMILY_MAX * __FWLOAD_TABLE_MAX)
/* Nothing smaller is put, but for the end of a body or of a chain's counters. */
#define MIN_PIECE	1024
#define MAX_PIECE	65528		/* of an attribute, a multiple of 8 and of 16 */

/* What the next message is about. */
enum dump_step {
	DUMP_GENERATION,
	DUMP_TABLE,
	DUMP_CHAIN,
	DUMP_BYTES,
	DUMP_COUNTERS,
	DUMP_END,
};

/**
 * struct dump - a dump under way
 * @fn: the namespace
 * @generation: what is dumped
 * @flags: FWLOAD_GET_IMAGE_*
 * @n_tables: length of @tables
 * @tables: with a reference to each
 * @picked: n_picked chains of the one table, when a chain was asked for; else NULL. Those
 *	after the first come without bodies
 * @n_picked: see @picked
 * @room: of @picked
 * @references: of the chain that was asked for
 * @counters: of all chains, one after another
 * @n_counters: length of @counters
 * @step: next message
 * @table: number in @tables
 * @chain: number in the table's list
 * @at: byte of the body, or number of the rule
 * @counter: the first of the chain in @counters
 */
struct dump {
	struct fwload_net *fn;
	u32 generation;
	u32 flags;
	u32 n_tables;
	struct fwload_table *tables[N_TABLES];
	struct fwload_chain **picked;
	u32 n_picked;
	u32 room;
	u32 references;
	struct fwload_counter_pair *counters;
	u64 n_counters;
	enum dump_step step;
	u32 table;
	u32 chain;
	u32 at;
	u64 counter;
};

static struct dump **dump_of(struct netlink_callback *cb)
{
	return (struct dump **)cb->ctx;
}

/* The chains of table number @t that are dumped. */
static struct fwload_chain **chains_of(const struct dump *d, u32 t, u32 *n)
{
	*n = d->picked ? d->n_picked : d->tables[t]->n_chains;
	return d->picked ? d->picked : d->tables[t]->list;
}

/* Is a body dumped of chain number @i of the list? */
static bool with_body(const struct dump *d, u32 i)
{
	return !(d->flags & FWLOAD_GET_IMAGE_NO_BODIES) && !(d->picked && i);
}

static bool with_counters(const struct dump *d, u32 i)
{
	return with_body(d, i) && !(d->flags & FWLOAD_GET_IMAGE_NO_COUNTERS);
}

/* How many counters of chain @c, number @i of the list, are in d->counters. */
static u32 n_taken(const struct dump *d, const struct fwload_chain *c, u32 i)
{
	return (with_counters(d, i) ? c->code.n_rules : 0) + c->code.is_base;
}

static void release(struct dump *d)
{
	struct fwload_net *fn = d->fn;
	u32 t;

	fwload_memory_free(fn, d->picked, d->room, sizeof(struct fwload_chain *));
	for (t = 0; t < d->n_tables; t++)
		fwload_table_put(fn, d->tables[t]);
	fwload_memory_free(fn, d->counters, d->n_counters, sizeof(*d->counters));
	fwload_memory_free(fn, d, 1, sizeof(*d));
}

static void take_tables(struct dump *d, const struct fwload_selection *sel)
{
	struct fwload_gen *gen = fwload_ruleset_current(d->fn);
	u8 family, type;

	for (family = 0; gen && family < __FWLOAD_FAMILY_MAX; family++) {
		for (type = 0; type < __FWLOAD_TABLE_MAX; type++) {
			struct fwload_table *t = gen->tables[family][type];

			if (!t || !(sel->families & 1U << family) ||
			    !(sel->tables & 1U << type))
				continue;
			fwload_table_get(t);
			d->tables[d->n_tables++] = t;
		}
	}
}

static u32 count_references(const struct fwload_table *t, u32 handle)
{
	u32 i, j, n, sum = 0;

	for (i = 0; i < t->n_chains; i++) {
		const struct fwload_img_ref *refs = fwload_chain_refs(t->list[i], &n);

		for (j = 0; j < n; j++)
			if (le32_to_cpu(refs[j].chain) == handle)
				sum += le32_to_cpu(refs[j].uses) & ~FWLOAD_IMG_REF_GOTO;
		cond_resched();
	}
	return sum;
}

/*
 * The chains of @t that @c refers to, each once and in the order of their handles, behind it
 * in d->picked, which has room. Returns how many are there then, or -errno.
 */
static int pick_refs(struct dump *d, const struct fwload_table *t, const struct fwload_chain *c)
{
	size_t n_longs = BITS_TO_LONGS(t->n_handles);
	u32 i, n, unique = 1;
	const struct fwload_img_ref *refs = fwload_chain_refs(c, &n);
	unsigned long *wanted = fwload_memory_alloc(d->fn, n_longs, sizeof(*wanted));

	if (IS_ERR(wanted))
		return PTR_ERR(wanted);
	for (i = 0; i < n; i++) {
		fwload_env_pause(i + 1);
		__set_bit(le32_to_cpu(refs[i].chain), wanted);
	}
	__clear_bit(c->handle, wanted);
	for_each_set_bit(i, wanted, t->n_handles) {
		d->picked[unique] = container_of(t->chains[i], struct fwload_chain, code);
		fwload_env_pause(++unique);
	}
	fwload_memory_free(d->fn, wanted, n_longs, sizeof(*wanted));
	return unique;
}

/* Only the chain @name of the one table. */
static int pick_chain(struct dump *d, const char *name)
{
	struct fwload_table *t = d->n_tables ? d->tables[0] : NULL;
	struct fwload_chain *c = t ? fwload_table_find(t, name) : NULL;
	bool refs = c && (d->flags & FWLOAD_GET_IMAGE_REFS);
	struct fwload_chain **picked;
	int unique = !!c;
	u32 n = 0;

	if (refs)
		fwload_chain_refs(c, &n);
	picked = fwload_memory_alloc(d->fn, n + !!c, sizeof(struct fwload_chain *));
	if (IS_ERR(picked))
		return PTR_ERR(picked);
	d->picked = picked;
	d->room = n + !!c;
	if (c)
		picked[0] = c;
	if (refs) {
		d->references = count_references(t, c->handle);
		unique = pick_refs(d, t, c);
		if (unique < 0)
			return unique;
	}
	d->n_picked = unique;
	return 0;
}

/* Count the counters; when they are to be zeroed, see that this cannot fail. */
static int prepare_counters(struct dump *d, bool zero)
{
	struct fwload_chain **list;
	u32 t, i, n;
	int err;

	for (t = 0; t < d->n_tables; t++) {
		list = chains_of(d, t, &n);
		for (i = 0; i < n; i++) {
			d->n_counters += n_taken(d, list[i], i);
			err = zero ? fwload_chain_alloc_baseline(d->fn, list[i]) : 0;
			if (err)
				return err;
		}
		cond_resched();
	}
	return 0;
}

static void read_chain(struct dump *d, struct fwload_chain *c, u32 i, bool zero,
		       struct fwload_counter_pair **next)
{
	u32 first = with_counters(d, i) ? 0 : c->code.n_rules, j;

	for (j = first; j < fwload_chain_n_counters(c); j++, (*next)++) {
		fwload_env_pause(j + 1);
		if (zero)
			fwload_chain_read_zero(c, j, *next);
		else
			fwload_chain_read(c, j, *next);
	}
}

static void read_counters(struct dump *d, bool zero)
{
	struct fwload_counter_pair *next = d->counters;
	struct fwload_chain **list;
	u32 t, i, n;

	for (t = 0; t < d->n_tables; t++) {
		list = chains_of(d, t, &n);
		for (i = 0; i < n; i++) {
			read_chain(d, list[i], i, zero, &next);
			cond_resched();
		}
	}
}

/* Take everything that is going to be dumped. */
static int take(struct dump *d, const struct fwload_selection *sel)
{
	bool zero = d->flags & FWLOAD_GET_IMAGE_ZERO;
	struct fwload_counter_pair *counters;
	u64 n_counters;
	int err;

	d->generation = d->fn->generation;
	take_tables(d, sel);
	err = sel->chain ? pick_chain(d, sel->chain) : 0;
	if (!err)
		err = prepare_counters(d, zero);
	n_counters = d->n_counters;
	d->n_counters = 0;
	if (err)
		return err;
	counters = fwload_memory_alloc(d->fn, n_counters, sizeof(*counters));
	if (IS_ERR(counters))
		return PTR_ERR(counters);
	d->counters = counters;
	d->n_counters = n_counters;
	read_counters(d, zero);
	return 0;
}

static int refuse(struct netlink_callback *cb, int errnum, const char *reason)
{
	/* Older kernels have no place for the reason at this point. */
	if (cb->extack)
		cb->extack->_msg = reason;
	return errnum;
}

static const struct nlattr *attr_of(const struct netlink_callback *cb, int type)
{
	return nlmsg_find_attr(cb->nlh, GENL_HDRLEN, type);
}

/* What the request selects. Returns NULL, or why it makes no sense. */
static const char *selection(struct netlink_callback *cb, struct fwload_selection *sel,
			     u32 flags)
{
	const struct nlattr *family = attr_of(cb, FWLOAD_A_FAMILY);
	const struct nlattr *table = attr_of(cb, FWLOAD_A_TABLE_TYPE);
	const struct nlattr *chain = attr_of(cb, FWLOAD_A_CHAIN_NAME);

	sel->families = family ? 1U << nla_get_u8(family) : U32_MAX;
	sel->tables = table ? 1U << nla_get_u8(table) : U32_MAX;
	sel->chain = chain ? nla_data(chain) : NULL;
	if (chain && (!family || !table))
		return "CHAIN_NAME needs FAMILY and TABLE_TYPE";
	if ((flags & FWLOAD_GET_IMAGE_REFS) && !chain)
		return "REFS needs CHAIN_NAME";
	if ((flags & FWLOAD_GET_IMAGE_ZERO) && flags != FWLOAD_GET_IMAGE_ZERO)
		return "ZERO goes with no other flag";
	return NULL;
}

int fwload_dump_start(struct netlink_callback *cb)
{
	struct net *net = sock_net(cb->skb->sk);
	struct fwload_net *fn = fwload_net(net);
	const struct nlattr *attr;
	struct fwload_selection sel;
	const char *reason;
	struct dump *d;
	u32 flags = 0;
	int err;

	if (!fwload_netlink_allowed(cb->skb, net))
		return refuse(cb, -EPERM, "CAP_NET_ADMIN is needed to see the rules");
	attr = attr_of(cb, FWLOAD_A_FLAGS);
	if (attr)
		flags = nla_get_u32(attr);
	reason = selection(cb, &sel, flags);
	if (reason)
		return refuse(cb, -EINVAL, reason);
	d = fwload_memory_alloc(fn, 1, sizeof(*d));
	if (IS_ERR(d))
		return refuse(cb, PTR_ERR(d), fwload_memory_reason(PTR_ERR(d)));
	d->fn = fn;
	d->flags = flags;

	mutex_lock(&fn->lock);
	err = take(d, &sel);
	if (!err && (flags & FWLOAD_GET_IMAGE_ZERO))
		fwload_netlink_event(fn, FWLOAD_CMD_ZERO, NETLINK_CB(cb->skb).portid);
	mutex_unlock(&fn->lock);
	if (err) {
		release(d);
		return refuse(cb, err, fwload_memory_reason(err));
	}
	*dump_of(cb) = d;
	return 0;
}

int fwload_dump_done(struct netlink_callback *cb)
{
	release(*dump_of(cb));
	return 0;
}

static struct fwload_table *table_of(const struct dump *d)
{
	return d->tables[d->table];
}

static struct fwload_chain *chain_of(const struct dump *d)
{
	u32 n;

	return chains_of(d, d->table, &n)[d->chain];
}

/* Where the cursor goes after a table's message, or a chain's last one. */
static void to_chain(struct dump *d, u32 chain)
{
	u32 n;

	d->chain = chain;
	d->at = 0;
	d->step = DUMP_CHAIN;
	chains_of(d, d->table, &n);
	if (chain < n)
		return;
	d->step = ++d->table < d->n_tables ? DUMP_TABLE : DUMP_END;
}

static void chain_done(struct dump *d)
{
	d->counter += n_taken(d, chain_of(d), d->chain);
	to_chain(d, d->chain + 1);
}

static int put_generation(struct sk_buff *skb, struct dump *d)
{
	if (nla_put_u32(skb, FWLOAD_A_GENERATION, d->generation))
		return -EMSGSIZE;
	d->step = d->n_tables ? DUMP_TABLE : DUMP_END;
	return 0;
}

static int put_table(struct sk_buff *skb, struct dump *d)
{
	if (fwload_netlink_put_table(skb, table_of(d)))
		return -EMSGSIZE;
	to_chain(d, 0);
	return 0;
}

static int put_base(struct sk_buff *skb, const struct dump *d)
{
	const struct fwload_table *t = table_of(d);
	const struct fwload_chain *c = chain_of(d);
	u8 hook = 0;

	while (t->base[hook] != &c->code)
		hook++;
	if (nla_put_u8(skb, FWLOAD_A_HOOK, hook) ||
	    nla_put_u8(skb, FWLOAD_A_POLICY, t->policy[hook]) ||
	    nla_put(skb, FWLOAD_A_POLICY_COUNTER, sizeof(*d->counters),
		    &d->counters[d->counter + n_taken(d, c, d->chain) - 1]))
		return -EMSGSIZE;
	return 0;
}

static int put_chain(struct sk_buff *skb, struct dump *d)
{
	const struct fwload_chain *c = chain_of(d);
	struct nlattr *nest = nla_nest_start(skb, FWLOAD_A_CHAIN);

	if (!nest || nla_put_string(skb, FWLOAD_A_CHAIN_NAME, c->name) ||
	    nla_put_u32(skb, FWLOAD_A_HANDLE, c->handle) ||
	    nla_put_u64_64bit(skb, FWLOAD_A_ID, c->id, FWLOAD_A_PAD) ||
	    nla_put_u32(skb, FWLOAD_A_N_RULES, c->code.n_rules) ||
	    nla_put_u64_64bit(skb, FWLOAD_A_SIZE, c->body_size, FWLOAD_A_PAD) ||
	    (c->code.is_base && put_base(skb, d)) ||
	    ((d->flags & FWLOAD_GET_IMAGE_REFS) && !d->chain &&
	     nla_put_u32(skb, FWLOAD_A_REFERENCES, d->references)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	d->step = DUMP_BYTES;
	if (!with_body(d, d->chain))
		chain_done(d);
	return 0;
}

/*
 * How many of @left bytes, in units of @unit, fit behind what is in @skb, with an attribute
 * header; 0 when it would be too few to be worth a message.
 */
static u32 piece(const struct sk_buff *skb, u64 left, u32 unit)
{
	int room = skb_tailroom(skb) - NLA_HDRLEN;

	if (room < (int)unit)
		return 0;
	if (left > room && room < MIN_PIECE)
		return 0;
	return rounddown(min3(left, (u64)room, (u64)MAX_PIECE), unit);
}

static int put_bytes(struct sk_buff *skb, struct dump *d)
{
	const struct fwload_chain *c = chain_of(d);
	u32 n;

	if (nla_put_u64_64bit(skb, FWLOAD_A_OFFSET, d->at, FWLOAD_A_PAD))
		return -EMSGSIZE;
	n = piece(skb, c->body_size - d->at, FWLOAD_IMG_ALIGN);
	if (!n || nla_put(skb, FWLOAD_A_BYTES, n, c->body + d->at))
		return -EMSGSIZE;
	d->at += n;
	if (d->at < c->body_size)
		return 0;
	d->at = 0;
	d->step = DUMP_COUNTERS;
	if (!c->code.n_rules || !with_counters(d, d->chain))
		chain_done(d);
	return 0;
}

static int put_counters(struct sk_buff *skb, struct dump *d)
{
	const struct fwload_chain *c = chain_of(d);
	u32 n;

	if (nla_put_u32(skb, FWLOAD_A_RULE, d->at))
		return -EMSGSIZE;
	n = piece(skb, (u64)(c->code.n_rules - d->at) * sizeof(*d->counters),
		  sizeof(*d->counters));
	if (!n || nla_put(skb, FWLOAD_A_COUNTERS, n, &d->counters[d->counter + d->at]))
		return -EMSGSIZE;
	d->at += n / sizeof(*d->counters);
	if (d->at == c->code.n_rules)
		chain_done(d);
	return 0;
}

static int put_message(struct sk_buff *skb, struct netlink_callback *cb, struct dump *d)
{
	static int (*const put[])(struct sk_buff *skb, struct dump *d) = {
		[DUMP_GENERATION] = put_generation,
		[DUMP_TABLE] = put_table,
		[DUMP_CHAIN] = put_chain,
		[DUMP_BYTES] = put_bytes,
		[DUMP_COUNTERS] = put_counters,
	};
	void *header;
	int err;

	header = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			     &fwload_family, NLM_F_MULTI, FWLOAD_CMD_GET_IMAGE);
	if (!header)
		return -EMSGSIZE;
	err = put[d->step](skb, d);
	if (err)
		genlmsg_cancel(skb, header);
	else
		genlmsg_end(skb, header);
	return err;
}

int fwload_dump_next(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct dump *d = *dump_of(cb);
	int err = 0;

	while (d->step != DUMP_END && !err)
		err = put_message(skb, cb, d);
	/* With nothing in it the skb is too small for any message. */
	return skb->len ? skb->len : err;
}
