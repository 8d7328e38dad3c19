// SPDX-License-Identifier: GPL-2.0
/*
 * One x_tables extension: its checks, its instance.
 *
 * An extension is treated as ip_tables treats it. It gets the entry of its rule, the name
 * of its table and the hooks that reach its chain. par->nft_compat, which tells it that
 * there is no such entry and makes it check less, is set for three only:
 *
 *	TCPMSS		would look for a match on SYN in the entry; done here instead
 *	LOG, NFLOG	would load their logger; ext_want.c has asked for it
 *
 * (CLUSTERIP, the only other one that asks, refuses nft.) What x_tables checks for
 * every extension and only writes to the log is checked here too, so that it can be
 * said: size, table, hooks, protocol. ERROR and targets without a function are
 * ip_tables' own, and refused.
 */
#include <linux/module.h>
#include <linux/slab.h>

#include "ext_instance.h"
#include "ipset.h"
#include "load.h"
#include "symbols.h"

/* The common part of struct xt_match and struct xt_target. */
struct properties {
	const char *table;
	unsigned int size;
	unsigned int usersize;
	unsigned int hooks;
	unsigned short proto;
	bool has_check;
};

static void get_properties(const struct fwload_ext *x, bool is_target,
			   struct properties *p)
{
	if (is_target)
		*p = (struct properties) {
			.table = x->target->table,
			.size = x->target->targetsize,
			.usersize = x->target->usersize,
			.hooks = x->target->hooks,
			.proto = x->target->proto,
			.has_check = x->target->checkentry,
		};
	else
		*p = (struct properties) {
			.table = x->match->table,
			.size = x->match->matchsize,
			.usersize = x->match->usersize,
			.hooks = x->match->hooks,
			.proto = x->match->proto,
			.has_check = x->match->checkentry,
		};
}

/* What xt_check_match() and xt_check_target() would only write to the log. */
static int check_place(const struct fwload_ext_place *at, const struct properties *p,
		       const char **reason)
{
	*reason = NULL;
	if (XT_ALIGN((size_t)p->size) != le32_to_cpu(at->ext->size))
		*reason = "the extension's payload has another size in this kernel";
	else if (p->table && strcmp(p->table, fwload_image_table_names[at->table]))
		*reason = "the extension is not valid in this table";
	else if (p->hooks && at->hooks & ~p->hooks)
		*reason = "the extension is not valid in a hook that reaches this chain";
	else if (p->proto && (p->proto != fwload_ext_rule_proto(at->rule) ||
			      fwload_ext_rule_proto_inv(at->rule)))
		*reason = "the extension is not valid without the -p that it is made for";
	return *reason ? -EINVAL : 0;
}

/* par->nft_compat: see above. */
static bool nft_compat(const struct fwload_ext_place *at)
{
	return !strcmp(at->name, "TCPMSS") || !strcmp(at->name, "LOG") ||
	       !strcmp(at->name, "NFLOG");
}

static int check_match(const struct fwload_ext_place *at, const struct fwload_ext *x,
		       u32 size)
{
	struct xt_mtchk_param par = {
		.net = at->net,
		.table = fwload_image_table_names[at->table],
		.entryinfo = at->entry,
		.match = x->match,
		.matchinfo = x->info,
		.hook_mask = at->hooks,
		.family = fwload_load_nfproto(at->family),
	};

	return fwload_symbols.xt_check_match(&par, size, fwload_ext_rule_proto(at->rule),
					     fwload_ext_rule_proto_inv(at->rule));
}

static int check_target(const struct fwload_ext_place *at, const struct fwload_ext *x,
			u32 size)
{
	struct xt_tgchk_param par = {
		.net = at->net,
		.table = fwload_image_table_names[at->table],
		.entryinfo = at->entry,
		.target = x->target,
		.targinfo = x->info,
		.hook_mask = at->hooks,
		.family = fwload_load_nfproto(at->family),
		.nft_compat = nft_compat(at),
	};

	return fwload_symbols.xt_check_target(&par, size, fwload_ext_rule_proto(at->rule),
					      fwload_ext_rule_proto_inv(at->rule));
}

/* Refuse what checkentry would not, and give it sets by number. Then run it. */
static int check_entry(const struct fwload_ext_place *at, const struct fwload_ext *x,
		       const char **reason)
{
	const struct fwload_img_ext *ext = at->ext;
	ip_set_id_t index[FWLOAD_IPSET_MAX];
	u32 size = le32_to_cpu(ext->size);
	int err;

	if (fwload_ext_is_target(ext) && !strcmp(at->name, "TCPMSS") &&
	    !fwload_ext_rule_syn(at->rule)) {
		*reason = "TCPMSS needs a match on SYN, as in --tcp-flags SYN,RST SYN";
		return -EINVAL;
	}
	err = fwload_ipset_count(ext->kind, ext->revision, at->name);
	if (err < 0) {
		*reason = "the payload of this revision has unknown ip sets in it";
		return err;
	}
	if (err != ext->n_sets) {
		*reason = "the extension has another number of ip sets";
		return -EINVAL;
	}
	err = fwload_ipset_get(at->net, fwload_load_nfproto(at->family), ext,
			       at->rule->body, x->info, index, reason);
	if (err)
		return err;
	err = fwload_ext_is_target(ext) ? check_target(at, x, size) :
					  check_match(at, x, size);
	if (err) {
		*reason = "the extension refuses its parameters here";
		/* To the client this means that something is still to come */
		if (err == -EAGAIN)
			err = -EBUSY;
	}
	fwload_ipset_put(at->net, index, ext->n_sets);
	return err;
}

/* Fill the copy at x->info: all that user space has a say in, and zeros. */
static void copy_payload(const struct fwload_ext_place *at, const struct fwload_ext *x,
			 const struct properties *p)
{
	u32 used = p->usersize ?: p->size;

	memcpy(x->info, at->rule->body->payloads + le32_to_cpu(at->ext->payload), used);
	memset(x->info + used, 0, le32_to_cpu(at->ext->size) - used);
}

int fwload_ext_instance_create(const struct fwload_ext_place *at,
			       const struct fwload_ext *x, const char **reason)
{
	bool is_target = fwload_ext_is_target(at->ext);
	struct properties p;
	int err;

	if (is_target && (!x->target->target || !strcmp(at->name, "ERROR"))) {
		*reason = "the target is internal to ip_tables";
		return -EINVAL;
	}
	get_properties(x, is_target, &p);
	err = check_place(at, &p, reason);
	if (err)
		return err;
	copy_payload(at, x, &p);
	return check_entry(at, x, reason);
}

void fwload_ext_instance_destroy(struct net *net, u8 family, const struct fwload_ext *x,
				 bool is_target)
{
	if (is_target && x->target->destroy) {
		struct xt_tgdtor_param par = {
			.net = net,
			.target = x->target,
			.targinfo = x->info,
			.family = fwload_load_nfproto(family),
		};

		x->target->destroy(&par);
	} else if (!is_target && x->match->destroy) {
		struct xt_mtdtor_param par = {
			.net = net,
			.match = x->match,
			.matchinfo = x->info,
			.family = fwload_load_nfproto(family),
		};

		x->match->destroy(&par);
	}
}

/* Its checkentry reads hook_mask. */
static bool reads_hook_mask(const struct fwload_ext_place *at)
{
	static const char *const matches[] = {
		"addrtype", "devgroup", "physdev", "policy",
	};
	static const char *const targets[] = { "SET", "TCPMSS" };

	if (fwload_ext_is_target(at->ext))
		return match_string(targets, ARRAY_SIZE(targets), at->name) >= 0;
	return match_string(matches, ARRAY_SIZE(matches), at->name) >= 0;
}

int fwload_ext_instance_recheck(const struct fwload_ext_place *at,
				const struct fwload_ext *x, const char **reason)
{
	bool is_target = fwload_ext_is_target(at->ext);
	struct fwload_ext trial = *x;
	struct properties p;
	int err;

	get_properties(x, is_target, &p);
	err = check_place(at, &p, reason);
	if (err || !p.has_check || !reads_hook_mask(at))
		return err;

	/* The image that the chain came with has given its functions back. */
	if (at->ext->n_sets) {
		err = fwload_symbols_get(FWLOAD_SYMBOLS_IPSET);
		if (err) {
			*reason = "ip_set is not loaded";
			return err;
		}
	}
	trial.info = kvzalloc(le32_to_cpu(at->ext->size), GFP_KERNEL_ACCOUNT);
	if (trial.info) {
		err = fwload_ext_instance_create(at, &trial, reason);
	} else {
		*reason = "out of memory";
		err = -ENOMEM;
	}
	if (!err)
		fwload_ext_instance_destroy(at->net, at->family, &trial, is_target);
	kvfree(trial.info);
	if (at->ext->n_sets)
		fwload_symbols_put(FWLOAD_SYMBOLS_IPSET);
	return err;
}

