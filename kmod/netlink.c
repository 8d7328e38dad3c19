// SPDX-License-Identifier: GPL-2.0
/*
 * The generic netlink family: what each request carries, who may send it, and what is
 * answered. uapi/fwload.yaml is the reference; the operations are written by hand, since
 * what is generated from it needs a newer kernel than the oldest supported.
 *
 * The family runs its operations in parallel; fwload_net.lock serialises those of one
 * namespace, so that a long commit holds up nobody else. Every refusal has a reason, and
 * one that blames an image has its place as well (struct fwload_error_place, as the
 * cookie of the extended ack). Each change is told to the events group while
 * the lock is held, so that events come in the order of the generations.
 */
#include <linux/capability.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <net/genetlink.h>
#include <net/netlink.h>

#include "../uapi/linux/fwload.h"
#include "main.h"
#include "memory.h"
#include "netlink.h"
#include "ruleset.h"
#include "upload.h"

static bool userns;
module_param(userns, bool, 0644);
MODULE_PARM_DESC(userns,
		 "let the admin of a network namespace, in its user namespace, load rules");

/* What sizes and kinds of attributes there are; what goes with what is in the spec. */
static const struct nla_policy begin_policy[FWLOAD_A_INDEX_SIZE + 1] = {
	[FWLOAD_A_SIZE] = { .type = NLA_U64 },
	[FWLOAD_A_INDEX_SIZE] = { .type = NLA_U32 },
};

static const struct nla_policy data_policy[FWLOAD_A_BYTES + 1] = {
	[FWLOAD_A_OFFSET] = { .type = NLA_U64 },
	[FWLOAD_A_BYTES] = NLA_POLICY_MIN_LEN(1),
};

static const struct nla_policy commit_policy[FWLOAD_A_GENERATION + 1] = {
	[FWLOAD_A_FLAGS] = NLA_POLICY_MASK(NLA_U32, FWLOAD_COMMIT_ALL),
	[FWLOAD_A_GENERATION] = { .type = NLA_U32 },
};

static const struct nla_policy get_image_policy[FWLOAD_A_CHAIN_NAME + 1] = {
	[FWLOAD_A_FLAGS] = NLA_POLICY_MASK(NLA_U32, FWLOAD_GET_IMAGE_ALL),
	[FWLOAD_A_FAMILY] = NLA_POLICY_MAX(NLA_U8, __FWLOAD_FAMILY_MAX - 1),
	[FWLOAD_A_TABLE_TYPE] = NLA_POLICY_MAX(NLA_U8, __FWLOAD_TABLE_MAX - 1),
	[FWLOAD_A_CHAIN_NAME] = { .type = NLA_NUL_STRING, .len = FWLOAD_CHAIN_NAME_MAX },
};

static const struct nla_policy zero_policy[FWLOAD_A_RULE + 1] = {
	[FWLOAD_A_FAMILY] = NLA_POLICY_MAX(NLA_U8, __FWLOAD_FAMILY_MAX - 1),
	[FWLOAD_A_TABLE_TYPE] = NLA_POLICY_MAX(NLA_U8, __FWLOAD_TABLE_MAX - 1),
	[FWLOAD_A_CHAIN_NAME] = { .type = NLA_NUL_STRING, .len = FWLOAD_CHAIN_NAME_MAX },
	[FWLOAD_A_RULE] = { .type = NLA_U32 },
};

static const struct nla_policy flush_policy[FWLOAD_A_TABLE_TYPE + 1] = {
	[FWLOAD_A_GENERATION] = { .type = NLA_U32 },
	[FWLOAD_A_FAMILY] = NLA_POLICY_MAX(NLA_U8, __FWLOAD_FAMILY_MAX - 1),
	[FWLOAD_A_TABLE_TYPE] = NLA_POLICY_MAX(NLA_U8, __FWLOAD_TABLE_MAX - 1),
};

bool fwload_netlink_allowed(const struct sk_buff *skb, const struct net *net)
{
	return netlink_capable(skb, CAP_NET_ADMIN) ||
	       (READ_ONCE(userns) && netlink_ns_capable(skb, net->user_ns, CAP_NET_ADMIN));
}

/* Answer @errnum and @reason, a string that lives as long as the code, or NULL. */
static int refuse(struct genl_info *info, int errnum, const char *reason)
{
	if (info->extack && reason)
		info->extack->_msg = reason;
	return errnum;
}

/* The same, and the place in the image. */
static int refuse_image(struct genl_info *info, int errnum,
			const struct fwload_image_error *err)
{
	struct fwload_error_place place = {
		.offset_lo = lower_32_bits(err->offset),
		.offset_hi = upper_32_bits(err->offset),
		.chain = err->chain,
		.rule = err->rule,
		.ext = err->ext,
	};

	BUILD_BUG_ON(sizeof(place) > NETLINK_MAX_COOKIE_LEN);
	if (info->extack) {
		memcpy(info->extack->cookie, &place, sizeof(place));
		info->extack->cookie_len = sizeof(place);
	}
	return refuse(info, errnum, err->reason);
}

static int refuse_privilege(struct genl_info *info)
{
	return refuse(info, -EPERM, READ_ONCE(userns) ?
		      "CAP_NET_ADMIN is needed in the user namespace of this network namespace" :
		      "CAP_NET_ADMIN is needed in the initial user namespace");
}

/*
 * Every operation begins with this: the namespace, locked, if the sender may use it; else
 * NULL, and the reason is given.
 */
static struct fwload_net *enter(struct sk_buff *skb, struct genl_info *info)
{
	struct net *net = genl_info_net(info);
	struct fwload_net *fn = fwload_net(net);

	if (!fwload_netlink_allowed(skb, net)) {
		refuse_privilege(info);
		return NULL;
	}
	mutex_lock(&fn->lock);
	return fn;
}

static void leave(struct fwload_net *fn)
{
	mutex_unlock(&fn->lock);
}

static int fwload_netlink_begin(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *size = info->attrs[FWLOAD_A_SIZE];
	struct nlattr *index_size = info->attrs[FWLOAD_A_INDEX_SIZE];
	struct fwload_image_error err = {};
	struct fwload_net *fn;
	int ret;

	fn = enter(skb, info);
	if (!fn)
		return -EPERM;
	if (!size || !index_size) {
		ret = refuse(info, -EINVAL, "BEGIN needs SIZE and INDEX_SIZE");
	} else {
		ret = fwload_upload_begin(fn, info->snd_portid, nla_get_u64(size),
					  nla_get_u32(index_size), &err);
		if (ret)
			refuse_image(info, ret, &err);
	}
	leave(fn);
	return ret;
}

static const char no_upload[] =
	"no image is being sent on this socket: BEGIN comes first, and a refusal ends it";

static int fwload_netlink_data(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *offset = info->attrs[FWLOAD_A_OFFSET];
	struct nlattr *bytes = info->attrs[FWLOAD_A_BYTES];
	struct fwload_image_error err = {};
	struct fwload_upload *up;
	struct fwload_net *fn;
	int ret;

	fn = enter(skb, info);
	if (!fn)
		return -EPERM;
	up = fwload_upload_find(fn, info->snd_portid);
	if (!offset || !bytes) {
		ret = refuse(info, -EINVAL, "DATA needs OFFSET and BYTES");
	} else if (!up) {
		ret = refuse(info, -EINVAL, no_upload);
	} else {
		ret = fwload_upload_data(fn, up, nla_get_u64(offset), nla_data(bytes),
					 nla_len(bytes), &err);
		if (ret) {
			refuse_image(info, ret, &err);
			fwload_upload_forget(fn, up);
		}
	}
	fwload_upload_put(fn, up);
	leave(fn);
	return ret;
}

int fwload_netlink_put_table(struct sk_buff *skb, const struct fwload_table *t)
{
	struct nlattr *nest = nla_nest_start(skb, FWLOAD_A_TABLE);

	if (!nest)
		return -EMSGSIZE;
	if (nla_put_u8(skb, FWLOAD_A_FAMILY, t->family) ||
	    nla_put_u8(skb, FWLOAD_A_TABLE_TYPE, t->type) ||
	    nla_put_u32(skb, FWLOAD_A_N_CHAINS, t->n_chains) ||
	    nla_put_u32(skb, FWLOAD_A_N_RULES, t->n_rules) ||
	    nla_put_u64_64bit(skb, FWLOAD_A_SIZE, t->size, FWLOAD_A_PAD)) {
		nla_nest_cancel(skb, nest);
		return -EMSGSIZE;
	}
	nla_nest_end(skb, nest);
	return 0;
}

static int put_tables(struct sk_buff *skb, struct fwload_net *fn)
{
	struct fwload_gen *gen = fwload_ruleset_current(fn);
	u8 family, type;

	for (family = 0; gen && family < __FWLOAD_FAMILY_MAX; family++)
		for (type = 0; type < __FWLOAD_TABLE_MAX; type++)
			if (gen->tables[family][type] &&
			    fwload_netlink_put_table(skb, gen->tables[family][type]))
				return -EMSGSIZE;
	return 0;
}

void fwload_netlink_event(struct fwload_net *fn, u8 cause, u32 portid)
{
	struct sk_buff *skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	void *header;

	if (!skb)
		goto lost;
	header = genlmsg_put(skb, 0, 0, &fwload_family, 0, FWLOAD_CMD_CHANGED);
	if (!header || nla_put_u32(skb, FWLOAD_A_GENERATION, fn->generation) ||
	    nla_put_u8(skb, FWLOAD_A_CAUSE, cause) ||
	    nla_put_u32(skb, FWLOAD_A_PORTID, portid) ||
	    put_tables(skb, fn)) {
		nlmsg_free(skb);
		goto lost;
	}
	genlmsg_end(skb, header);
	genlmsg_multicast_netns(&fwload_family, fn->net, skb, 0, 0, GFP_KERNEL);
	return;

lost:
	genl_set_err(&fwload_family, fn->net, 0, 0, -ENOBUFS);
}

/* Begin an answer that says which generation is in force, in a new skb: it has room. */
static void *put_reply(struct sk_buff *skb, struct fwload_net *fn, struct genl_info *info,
		       u8 cmd)
{
	void *header = genlmsg_put_reply(skb, info, &fwload_family, 0, cmd);

	WARN_ON_ONCE(!header || nla_put_u32(skb, FWLOAD_A_GENERATION, fn->generation));
	return header;
}

/* The upload of the sender into force, with the skb of the answer at hand. */
static int commit(struct fwload_net *fn, struct genl_info *info, struct fwload_commit *cm,
		  struct sk_buff *skb)
{
	struct fwload_upload *up = fwload_upload_find(fn, info->snd_portid);
	int ret;

	if (!up)
		return refuse(info, -EINVAL, no_upload);
	/* Once it is being unloaded, nothing comes into force that would go with it unseen. */
	if (try_module_get(THIS_MODULE)) {
		ret = fwload_ruleset_commit(fn, up, cm);
		module_put(THIS_MODULE);
	} else {
		ret = -ENODEV;
		cm->err.reason = "the module is being unloaded";
	}
	if (ret != -EAGAIN)
		fwload_upload_forget(fn, up);
	fwload_upload_put(fn, up);
	if (ret)
		return refuse_image(info, ret, &cm->err);
	if (cm->warning)
		refuse(info, 0, cm->warning);
	genlmsg_end(skb, put_reply(skb, fn, info, FWLOAD_CMD_COMMIT));
	if (!(cm->flags & FWLOAD_COMMIT_TEST))
		fwload_netlink_event(fn, FWLOAD_CMD_COMMIT, info->snd_portid);
	return 0;
}

static int fwload_netlink_commit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *flags = info->attrs[FWLOAD_A_FLAGS];
	struct nlattr *expect = info->attrs[FWLOAD_A_GENERATION];
	struct fwload_commit cm = {
		.flags = flags ? nla_get_u32(flags) : 0,
		.expect = expect ? nla_get_u32(expect) : 0,
		.any = !expect,
	};
	struct sk_buff *reply;
	struct fwload_net *fn;
	int ret;

	if (!fwload_netlink_allowed(skb, genl_info_net(info)))
		return refuse_privilege(info);
	if ((cm.flags & FWLOAD_COMMIT_COSTLY) && !netlink_capable(skb, CAP_NET_ADMIN))
		return refuse(info, -EPERM,
			      "COSTLY needs CAP_NET_ADMIN in the initial user namespace");
	ret = fwload_ruleset_wait(fwload_net(genl_info_net(info)));
	if (ret)
		return ret;
	reply = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!reply)
		return refuse(info, -ENOMEM, fwload_memory_reason(-ENOMEM));

	fn = enter(skb, info);
	ret = fn ? commit(fn, info, &cm, reply) : -EPERM;
	if (fn)
		leave(fn);
	if (ret) {
		nlmsg_free(reply);
		return ret;
	}
	/* What is done is done, whether the answer finds room at the client or not. */
	genlmsg_reply(reply, info);
	return 0;
}

static int fwload_netlink_get(struct sk_buff *skb, struct genl_info *info)
{
	struct sk_buff *reply;
	struct fwload_net *fn;
	void *header;
	int ret;

	reply = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!reply)
		return refuse(info, -ENOMEM, fwload_memory_reason(-ENOMEM));
	fn = enter(skb, info);
	if (!fn) {
		nlmsg_free(reply);
		return -EPERM;
	}
	header = put_reply(reply, fn, info, FWLOAD_CMD_GET);
	if (nla_put_u64_64bit(reply, FWLOAD_A_MEMORY, fwload_memory_used(fn), FWLOAD_A_PAD) ||
	    nla_put_u64_64bit(reply, FWLOAD_A_MEMORY_MAX, fwload_memory_max(), FWLOAD_A_PAD))
		ret = -EMSGSIZE;
	else
		ret = put_tables(reply, fn);
	leave(fn);
	if (ret) {
		nlmsg_free(reply);
		return ret;
	}
	genlmsg_end(reply, header);
	return genlmsg_reply(reply, info);
}

/* The part of what is in force that FAMILY, TABLE_TYPE, CHAIN_NAME and RULE select. */
static int selection(struct genl_info *info, struct fwload_selection *sel)
{
	struct nlattr *family = info->attrs[FWLOAD_A_FAMILY];
	struct nlattr *table = info->attrs[FWLOAD_A_TABLE_TYPE];
	struct nlattr *chain = info->attrs[FWLOAD_A_CHAIN_NAME];
	struct nlattr *rule = info->attrs[FWLOAD_A_RULE];

	if (chain && (!family || !table))
		return refuse(info, -EINVAL, "CHAIN_NAME needs FAMILY and TABLE_TYPE");
	if (rule && !chain)
		return refuse(info, -EINVAL, "RULE needs CHAIN_NAME");
	sel->families = family ? 1U << nla_get_u8(family) : U32_MAX;
	sel->tables = table ? 1U << nla_get_u8(table) : U32_MAX;
	sel->chain = chain ? nla_data(chain) : NULL;
	sel->rule = rule ? nla_get_u32(rule) : FWLOAD_NO_PLACE;
	return 0;
}

static int fwload_netlink_zero(struct sk_buff *skb, struct genl_info *info)
{
	struct fwload_selection sel;
	const char *reason = NULL;
	struct fwload_net *fn;
	int ret;

	fn = enter(skb, info);
	if (!fn)
		return -EPERM;
	ret = selection(info, &sel);
	if (!ret) {
		ret = fwload_ruleset_zero(fn, &sel, &reason);
		if (ret)
			refuse(info, ret, reason ? reason : fwload_memory_reason(ret));
		else
			fwload_netlink_event(fn, FWLOAD_CMD_ZERO, info->snd_portid);
	}
	leave(fn);
	return ret;
}

static int fwload_netlink_flush(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *expect = info->attrs[FWLOAD_A_GENERATION];
	struct nlattr *family = info->attrs[FWLOAD_A_FAMILY];
	struct nlattr *table = info->attrs[FWLOAD_A_TABLE_TYPE];
	struct fwload_selection sel = {
		.families = family ? 1U << nla_get_u8(family) : U32_MAX,
		.tables = table ? 1U << nla_get_u8(table) : U32_MAX,
	};
	struct fwload_net *fn;
	int ret;

	if (!fwload_netlink_allowed(skb, genl_info_net(info)))
		return refuse_privilege(info);
	ret = fwload_ruleset_wait(fwload_net(genl_info_net(info)));
	if (ret)
		return ret;
	fn = enter(skb, info);
	if (!fn)
		return -EPERM;
	if (expect && nla_get_u32(expect) != fn->generation)
		ret = refuse(info, -ESTALE,
			     "another generation is in force than the one expected");
	else
		ret = fwload_ruleset_flush(fn, &sel);
	if (ret == -ENOMEM || ret == -ENOBUFS)
		refuse(info, ret, fwload_memory_reason(ret));
	if (ret == 1)
		fwload_netlink_event(fn, FWLOAD_CMD_FLUSH, info->snd_portid);
	leave(fn);
	return min(ret, 0);
}

static const struct genl_ops fwload_netlink_ops[] = {
	{
		.cmd = FWLOAD_CMD_BEGIN,
		.doit = fwload_netlink_begin,
		.policy = begin_policy,
		.maxattr = ARRAY_SIZE(begin_policy) - 1,
	}, {
		.cmd = FWLOAD_CMD_DATA,
		.doit = fwload_netlink_data,
		.policy = data_policy,
		.maxattr = ARRAY_SIZE(data_policy) - 1,
	}, {
		.cmd = FWLOAD_CMD_COMMIT,
		.doit = fwload_netlink_commit,
		.policy = commit_policy,
		.maxattr = ARRAY_SIZE(commit_policy) - 1,
	}, {
		.cmd = FWLOAD_CMD_GET,
		.doit = fwload_netlink_get,
	}, {
		.cmd = FWLOAD_CMD_GET_IMAGE,
		.start = fwload_dump_start,
		.dumpit = fwload_dump_next,
		.done = fwload_dump_done,
		.policy = get_image_policy,
		.maxattr = ARRAY_SIZE(get_image_policy) - 1,
	}, {
		.cmd = FWLOAD_CMD_ZERO,
		.doit = fwload_netlink_zero,
		.policy = zero_policy,
		.maxattr = ARRAY_SIZE(zero_policy) - 1,
	}, {
		.cmd = FWLOAD_CMD_FLUSH,
		.doit = fwload_netlink_flush,
		.policy = flush_policy,
		.maxattr = ARRAY_SIZE(flush_policy) - 1,
	},
};

/* Binding asks for CAP_NET_ADMIN in the user namespace that owns the network namespace. */
static const struct genl_multicast_group fwload_netlink_groups[] = {
	{ .name = FWLOAD_MCGRP_EVENTS, .flags = GENL_MCAST_CAP_NET_ADMIN },
};

struct genl_family fwload_family = {
	.name = FWLOAD_FAMILY_NAME,
	.version = FWLOAD_FAMILY_VERSION,
	.netnsok = true,
	.parallel_ops = true,
	.module = THIS_MODULE,
	.ops = fwload_netlink_ops,
	.n_ops = ARRAY_SIZE(fwload_netlink_ops),
	.mcgrps = fwload_netlink_groups,
	.n_mcgrps = ARRAY_SIZE(fwload_netlink_groups),
};

int fwload_netlink_init(void)
{
	return genl_register_family(&fwload_family);
}

void fwload_netlink_exit(void)
{
	genl_unregister_family(&fwload_family);
}
