// SPDX-License-Identifier: GPL-2.0
/*
 * Loading the modules that an image needs.
 *
 * A module must never be loaded while a genl operation runs: genl_rcv() holds cb_lock
 * for reading, and the init of a module may register a genl family, for which it waits
 * for that lock (xt_ipvs pulls in ip_vs, which does). So an operation only asks the
 * struct fwload_load of its image. What has not been asked for before becomes a *need*
 * in state WANTED and is answered with -EAGAIN; a worker looks it up, loading what it
 * takes, and leaves it FOUND (pinned by a reference) or FAILED (with the cause). The
 * client repeats its COMMIT and meets the answer.
 *
 * Even an extension that is loaded already is looked up by the worker: without
 * xt_find_match, which cannot be taken (see symbols.c), every look-up of x_tables
 * loads the module if it has just been removed.
 *
 * Needs are kept for as long as the image is staged. A failure is therefore reported to
 * exactly the client that asked, and the next image tries again. What they take is charged
 * to the namespace of the image until the image is given up, when all is freed but the one
 * need that the worker may be looking for: it can take long, and outlive the namespace.
 */
#include <linux/hashtable.h>
#include <linux/jhash.h>
#include <linux/kmod.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <net/netfilter/nf_log.h>

#include "env.h"
#include "load.h"
#include "memory.h"
#include "symbols.h"

/* More different needs than any image of rules that can exist has. */
#define MAX_NEEDS	1024

enum need_kind {
	NEED_MODULE,
	NEED_MATCH,
	NEED_TARGET,
	NEED_PROBE,
	NEED_HELPER,
	NEED_LOGGER,
	NEED_IPSET,
};

enum need_state {
	NEED_WANTED,
	NEED_FOUND,
	NEED_FAILED,
};

/**
 * struct need - something that an image needs
 * @node: in fwload_load.needs
 * @wanted: in fwload_load.wanted, while nobody has looked for it
 * @state: enum need_state; under fwload_load.lock
 * @err: of NEED_FAILED
 * @match: NEED_MATCH: what was found; NEED_PROBE: whose checkentry is to be run
 * @target: NEED_TARGET: what was found
 * @helper: NEED_HELPER: what was found
 * @nat_helper: its nat half was found too
 * @kind: enum need_kind
 * @family: NFPROTO_*
 * @arg: revision, protocol or type of logger
 * @size: bytes of @key
 * @key: a name with its NUL; NEED_PROBE: the payload
 */
struct need {
	struct hlist_node node;
	struct list_head wanted;
	enum need_state state;
	int err;
	union {
		const struct xt_match *match;
		const struct xt_target *target;
		struct nf_conntrack_helper *helper;
	};
	bool nat_helper;
	u8 kind;
	u8 family;
	u8 arg;
	u32 size;
	u8 key[] __aligned(8);
};

/**
 * struct fwload_load - see load.h
 * @ref: the owner's, and the worker's while it is queued or runs
 * @lock: protects what follows and the states of the needs
 * @work: looks for what is in @wanted
 * @fn: the namespace, for the owner alone
 * @charged: bytes that it was charged
 * @n: number of needs
 * @wanted: needs that nobody has looked for; none once the owner has gone
 * @needs: all needs
 */
struct fwload_load {
	refcount_t ref;
	struct mutex lock;	/* see above */
	struct work_struct work;
	struct fwload_net *fn;
	u64 charged;
	u32 n;
	struct list_head wanted;
	DECLARE_HASHTABLE(needs, 6);
};

static struct workqueue_struct *load_wq;

u8 fwload_load_nfproto(u8 family)
{
	return family == FWLOAD_FAMILY_IPV4 ? NFPROTO_IPV4 : NFPROTO_IPV6;
}

/* Take a group of symbols, loading their module first if need be. */
static int find_symbols(enum fwload_symbols_group group)
{
	int err = fwload_symbols_get(group);

	if (err) {
		request_module("%s", fwload_symbols_module(group));
		err = fwload_symbols_get(group);
	}
	return err;
}

static int find_extension(struct need *need)
{
	bool is_target = need->kind == NEED_TARGET;
	const char *name = (const char *)need->key;
	int err, best;

	err = find_symbols(FWLOAD_SYMBOLS_XT);
	if (err)
		return err;
	if (is_target) {
		need->target = fwload_symbols.xt_request_find_target(need->family, name,
								     need->arg);
		err = PTR_ERR_OR_ZERO(need->target);
	} else {
		need->match = fwload_symbols.xt_request_find_match(need->family, name,
								   need->arg);
		err = PTR_ERR_OR_ZERO(need->match);
	}
	if (!err)
		return 0;
	/* 1: it exists, so it is the revision that does not */
	if (fwload_symbols.xt_find_revision(need->family, name, need->arg, is_target,
					    &best))
		err = -EPROTONOSUPPORT;
	else
		err = -ENOENT;
	fwload_symbols_put(FWLOAD_SYMBOLS_XT);
	return err;
}

/* The module of the match is pinned, and released here. */
static int run_probe(struct need *need)
{
	struct xt_mtchk_param par = {
		.net = &init_net,
		.table = "filter",
		.match = need->match,
		.family = need->family,
	};
	struct xt_mtdtor_param end = {
		.net = par.net,
		.match = par.match,
		.family = par.family,
	};
	/* A copy, because checkentry writes to it */
	void *info = kmemdup(need->key, need->size, GFP_KERNEL);
	int err = -ENOMEM;

	if (info) {
		par.matchinfo = info;
		end.matchinfo = info;
		err = need->match->checkentry(&par);
		if (!err && need->match->destroy)
			need->match->destroy(&end);
		kfree(info);
	}
	module_put(need->match->me);
	return err > 0 ? -EIO : err;
}

/*
 * The nat half of a helper that does not know its name: struct nf_conntrack_helper has
 * it for the others (nat_mod_name). NULL: it has it there, or there is none.
 */
static const char *nat_half(const char *name)
{
	static const struct {
		const char *helper;
		const char *module;
	} halves[] = {
		{ "pptp", "nf_nat_pptp" },
		{ "RAS", "nf_nat_h323" },
		{ "Q.931", "nf_nat_h323" },
		{ "H.245", "nf_nat_h323" },
		{ "snmp", "nf_nat_snmp_basic" },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(halves); i++)
		if (!strcmp(name, halves[i].helper))
			return halves[i].module;
	return NULL;
}

/*
 * The nat half is loaded even if no nat table is in force: one may come while the rule
 * stays as it is, and neither has a cost until a connection with the helper is translated.
 */
static int find_helper(struct need *need)
{
	const char *name = (const char *)need->key;
	const char *half = nat_half(name);
	int err = find_symbols(FWLOAD_SYMBOLS_HELPER);

	if (err)
		return err;
	need->helper = fwload_symbols.nf_conntrack_helper_try_module_get(name, need->family,
									 need->arg);
	if (!need->helper) {
		fwload_symbols_put(FWLOAD_SYMBOLS_HELPER);
		return -ENOENT;
	}
	if (half) {
		request_module("%s", half);
		return 0;
	}
	/* Some helpers have none; nothing can be said about those that should */
	need->nat_helper = !fwload_symbols.nf_nat_helper_try_module_get(name, need->family,
									need->arg);
	return 0;
}

static int find_logger(struct need *need)
{
	int err = nf_logger_find_get(need->family, need->arg);

	if (err) {
		request_module("%s", (const char *)need->key);
		err = nf_logger_find_get(need->family, need->arg);
	}
	return err;
}

/* Look for @need and pin it. May take as long as modprobe does. */
static int find_need(struct need *need)
{
	switch (need->kind) {
	case NEED_MODULE:
		return request_module("%s", (const char *)need->key) ? -ENOENT : 0;
	case NEED_MATCH:
	case NEED_TARGET:
		return find_extension(need);
	case NEED_PROBE:
		return run_probe(need);
	case NEED_HELPER:
		return find_helper(need);
	case NEED_LOGGER:
		return find_logger(need);
	default:
		return find_symbols(FWLOAD_SYMBOLS_IPSET);
	}
}

static void unpin_need(struct need *need)
{
	switch (need->kind) {
	case NEED_MATCH:
		module_put(need->match->me);
		fwload_symbols_put(FWLOAD_SYMBOLS_XT);
		break;
	case NEED_TARGET:
		module_put(need->target->me);
		fwload_symbols_put(FWLOAD_SYMBOLS_XT);
		break;
	case NEED_HELPER:
		/* It looks the helper's nat half up in a list under RCU. */
		rcu_read_lock();
		if (need->nat_helper)
			fwload_symbols.nf_nat_helper_put(need->helper);
		rcu_read_unlock();
		fwload_symbols.nf_conntrack_helper_put(need->helper);
		fwload_symbols_put(FWLOAD_SYMBOLS_HELPER);
		break;
	case NEED_LOGGER:
		nf_logger_put(need->family, need->arg);
		break;
	case NEED_IPSET:
		fwload_symbols_put(FWLOAD_SYMBOLS_IPSET);
		break;
	}
}

/* Is the worker looking for @need? */
static bool is_in_hand(const struct need *need)
{
	return need->state == NEED_WANTED && list_empty(&need->wanted);
}

/* Free all needs but the one that the worker is looking for. */
static void free_needs(struct fwload_load *load)
{
	struct hlist_node *next;
	struct need *need;
	int i;

	hash_for_each_safe(load->needs, i, next, need, node) {
		if (is_in_hand(need))
			continue;
		if (need->state == NEED_FOUND)
			unpin_need(need);
		hash_del(&need->node);
		list_del(&need->wanted);
		kvfree(need);
	}
}

static void release(struct fwload_load *load)
{
	if (!refcount_dec_and_test(&load->ref))
		return;
	free_needs(load);
	mutex_destroy(&load->lock);
	kvfree(load);
}

static void fwload_load_work(struct work_struct *work)
{
	struct fwload_load *load = container_of(work, struct fwload_load, work);
	struct need *need;
	int err;

	mutex_lock(&load->lock);
	while (!list_empty(&load->wanted)) {
		need = list_first_entry(&load->wanted, struct need, wanted);
		list_del_init(&need->wanted);
		/* The need for the match itself may be freed from here on. */
		if (need->kind == NEED_PROBE)
			__module_get(need->match->me);
		mutex_unlock(&load->lock);

		/* Nobody else touches a need that is WANTED and not in the list */
		err = find_need(need);

		mutex_lock(&load->lock);
		/* The client takes -EAGAIN for an answer that is still to come */
		need->err = err == -EAGAIN ? -EBUSY : err;
		need->state = err ? NEED_FAILED : NEED_FOUND;
	}
	mutex_unlock(&load->lock);
	release(load);
}

struct fwload_load *fwload_load_alloc(struct fwload_net *fn)
{
	struct fwload_load *load = fwload_memory_alloc(fn, 1, sizeof(*load));

	if (IS_ERR(load))
		return load;
	load->fn = fn;
	load->charged = sizeof(*load);
	refcount_set(&load->ref, 1);
	mutex_init(&load->lock);
	INIT_WORK(&load->work, fwload_load_work);
	INIT_LIST_HEAD(&load->wanted);
	hash_init(load->needs);
	return load;
}

void fwload_load_put(struct fwload_load *load)
{
	if (!load)
		return;
	mutex_lock(&load->lock);
	free_needs(load);
	mutex_unlock(&load->lock);
	fwload_memory_uncharge(load->fn, load->charged);
	if (cancel_work(&load->work))
		release(load);
	release(load);
}

void fwload_load_start(struct fwload_load *load)
{
	bool wanted;

	mutex_lock(&load->lock);
	wanted = !list_empty(&load->wanted);
	mutex_unlock(&load->lock);
	if (!wanted)
		return;
	refcount_inc(&load->ref);
	if (!queue_work(load_wq, &load->work))
		release(load);
}

/*
 * The need of these properties, noted if it is new. Returns it when it has been found,
 * else ERR_PTR(): -EAGAIN, why it was not, -ENOBUFS, -ENOMEM or -E2BIG.
 */
static struct need *ask(struct fwload_load *load, enum need_kind kind, u8 family, u8 arg,
			const struct xt_match *match, const void *key, u32 size)
{
	u32 hash = jhash(key, size, kind << 16 | family << 8 | arg);
	struct need *need;

	mutex_lock(&load->lock);
	hash_for_each_possible(load->needs, need, node, hash) {
		if (need->kind != kind || need->family != family || need->arg != arg ||
		    need->size != size || memcmp(need->key, key, size))
			continue;
		if (kind == NEED_PROBE && need->match != match)
			continue;
		if (need->state == NEED_WANTED)
			need = ERR_PTR(-EAGAIN);
		else if (need->state == NEED_FAILED)
			need = ERR_PTR(need->err);
		goto out;
	}
	if (load->n == MAX_NEEDS) {
		need = ERR_PTR(-E2BIG);
		goto out;
	}
	need = fwload_memory_alloc(load->fn, 1, struct_size(need, key, size));
	if (IS_ERR(need))
		goto out;
	load->charged += struct_size(need, key, size);
	need->kind = kind;
	need->family = family;
	need->arg = arg;
	need->match = match;
	need->size = size;
	memcpy(need->key, key, size);
	hash_add(load->needs, &need->node, hash);
	list_add_tail(&need->wanted, &load->wanted);
	load->n++;
	need = ERR_PTR(-EAGAIN);
out:
	mutex_unlock(&load->lock);
	return need;
}

static struct need *ask_name(struct fwload_load *load, enum need_kind kind, u8 family,
			     u8 arg, const char *name)
{
	return ask(load, kind, family, arg, NULL, name, strlen(name) + 1);
}

int fwload_load_module(struct fwload_load *load, const char *name)
{
	return PTR_ERR_OR_ZERO(ask_name(load, NEED_MODULE, NFPROTO_UNSPEC, 0, name));
}

const struct xt_match *fwload_load_match(struct fwload_load *load, u8 family,
					 const char *name, u8 revision)
{
	struct need *need = ask_name(load, NEED_MATCH, fwload_load_nfproto(family),
				     revision, name);

	return IS_ERR(need) ? ERR_CAST(need) : need->match;
}

const struct xt_target *fwload_load_target(struct fwload_load *load, u8 family,
					   const char *name, u8 revision)
{
	struct need *need = ask_name(load, NEED_TARGET, fwload_load_nfproto(family),
				     revision, name);

	return IS_ERR(need) ? ERR_CAST(need) : need->target;
}

int fwload_load_probe(struct fwload_load *load, u8 family, const struct xt_match *match,
		      const void *info, u32 size)
{
	return PTR_ERR_OR_ZERO(ask(load, NEED_PROBE, fwload_load_nfproto(family), 0, match,
				   info, size));
}

int fwload_load_helper(struct fwload_load *load, u8 family, u8 proto, const char *name)
{
	return PTR_ERR_OR_ZERO(ask_name(load, NEED_HELPER, fwload_load_nfproto(family),
					proto, name));
}

int fwload_load_logger(struct fwload_load *load, u8 family, u8 type, const char *module)
{
	return PTR_ERR_OR_ZERO(ask_name(load, NEED_LOGGER, fwload_load_nfproto(family),
					type, module));
}

int fwload_load_ipset(struct fwload_load *load)
{
	return PTR_ERR_OR_ZERO(ask_name(load, NEED_IPSET, NFPROTO_UNSPEC, 0, ""));
}

int fwload_load_init(void)
{
	load_wq = alloc_workqueue("fwload_load", WQ_UNBOUND, 0);
	return load_wq ? 0 : -ENOMEM;
}

void fwload_load_exit(void)
{
	destroy_workqueue(load_wq);
}
