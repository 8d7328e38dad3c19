// SPDX-License-Identifier: GPL-2.0
/*
 * The names of ip sets.
 *
 * The payloads of `-m set` and `-j SET` hold the numbers that their sets have in the
 * kernel. iptables asks for them when it parses a rule; an image that did so would
 * be compiled on one system and enforce another set on the next, or on the same one
 * after a reboot. So an image carries names, and this resolves them when it is committed,
 * in the namespace that it is committed to.
 *
 * What libxt_set asks the kernel beside the number, the set's family, is checked here too.
 */
#include <linux/netfilter/xt_set.h>
#include <net/netlink.h>

#include "ipset.h"
#include "symbols.h"

static const u16 match_v0[] = { offsetof(struct xt_set_info_match_v0, match_set.index) };
/* Revisions 1 to 4 begin with the same member. */
static const u16 match_v1[] = { offsetof(struct xt_set_info_match_v1, match_set.index) };
static const u16 target_v0[] = {
	offsetof(struct xt_set_info_target_v0, add_set.index),
	offsetof(struct xt_set_info_target_v0, del_set.index),
};

/* Revision 2 begins with the same members. */
static const u16 target_v1[] = {
	offsetof(struct xt_set_info_target_v1, add_set.index),
	offsetof(struct xt_set_info_target_v1, del_set.index),
};

static const u16 target_v3[] = {
	offsetof(struct xt_set_info_target_v3, add_set.index),
	offsetof(struct xt_set_info_target_v3, del_set.index),
	offsetof(struct xt_set_info_target_v3, map_set.index),
};

/* Where the numbers stand in the payload, by revision. */
static const struct layout {
	const u16 *offset;
	int n;
} match_layouts[] = {
	{ match_v0, ARRAY_SIZE(match_v0) },
	{ match_v1, ARRAY_SIZE(match_v1) },
	{ match_v1, ARRAY_SIZE(match_v1) },
	{ match_v1, ARRAY_SIZE(match_v1) },
	{ match_v1, ARRAY_SIZE(match_v1) },
}, target_layouts[] = {
	{ target_v0, ARRAY_SIZE(target_v0) },
	{ target_v1, ARRAY_SIZE(target_v1) },
	{ target_v1, ARRAY_SIZE(target_v1) },
	{ target_v3, ARRAY_SIZE(target_v3) },
};

static const struct layout *layout(u8 kind, u8 revision)
{
	if (kind == FWLOAD_IMG_EXT_MATCH && revision < ARRAY_SIZE(match_layouts))
		return &match_layouts[revision];
	if (kind == FWLOAD_IMG_EXT_TARGET && revision < ARRAY_SIZE(target_layouts))
		return &target_layouts[revision];
	return NULL;
}

int fwload_ipset_count(u8 kind, u8 revision, const char *name)
{
	const struct layout *l;

	if (strcmp(name, kind == FWLOAD_IMG_EXT_MATCH ? "set" : "SET"))
		return 0;
	l = layout(kind, revision);
	return l ? l->n : -EPROTONOSUPPORT;
}

/* Reference the set called @name; "" is no set, which only SET accepts. */
static int get_set(struct net *net, u8 nfproto, u8 kind, const char *name,
		   ip_set_id_t *index, const char **reason)
{
	struct {
		struct nlattr nla;
		char name[IPSET_MAXNAMELEN];
	} attr;
	size_t len = strlen(name);
	struct ip_set *set;

	*index = IPSET_INVALID_ID;
	if (!len && kind == FWLOAD_IMG_EXT_TARGET)
		return 0;
	if (len && len < IPSET_MAXNAMELEN) {
		attr.nla.nla_type = 0;
		attr.nla.nla_len = nla_attr_size(len + 1);
		memcpy(attr.name, name, len + 1);
		*index = fwload_symbols.ip_set_get_byname(net, &attr.nla, &set);
	}
	if (*index == IPSET_INVALID_ID) {
		*reason = "no such ip set in this network namespace";
		return -ENOENT;
	}
	if (set->family != NFPROTO_UNSPEC && set->family != nfproto) {
		*reason = "the ip set is of the other address family";
		fwload_symbols.ip_set_put_byindex(net, *index);
		return -EINVAL;
	}
	return 0;
}

int fwload_ipset_get(struct net *net, u8 nfproto, const struct fwload_img_ext *ext,
		     const struct fwload_body *b, void *info,
		     ip_set_id_t index[FWLOAD_IPSET_MAX], const char **reason)
{
	const struct layout *l = layout(ext->kind, ext->revision);
	const char *name = b->strings + le32_to_cpu(ext->sets);
	u32 i;
	int err;

	for (i = 0; i < ext->n_sets; i++) {
		err = get_set(net, nfproto, ext->kind, name, &index[i], reason);
		if (err) {
			fwload_ipset_put(net, index, i);
			return err;
		}
		memcpy(info + l->offset[i], &index[i], sizeof(index[i]));
		name += strlen(name) + 1;
	}
	return 0;
}

void fwload_ipset_put(struct net *net, const ip_set_id_t *index, u32 n)
{
	u32 i;

	for (i = 0; i < n; i++)
		if (index[i] != IPSET_INVALID_ID)
			fwload_symbols.ip_set_put_byindex(net, index[i]);
}
