// SPDX-License-Identifier: GPL-2.0
/*
 * Attributes of the family, each checked for its type before anybody reads it.
 */
#include <linux/genetlink.h>
#include <string.h>

#include "../kmod/env.h"
#include "attr.h"

static const enum mnl_attr_data_type types[ATTR_N] = {
	[FWLOAD_A_SIZE] = MNL_TYPE_U64,
	[FWLOAD_A_INDEX_SIZE] = MNL_TYPE_U32,
	[FWLOAD_A_OFFSET] = MNL_TYPE_U64,
	[FWLOAD_A_BYTES] = MNL_TYPE_BINARY,
	[FWLOAD_A_FLAGS] = MNL_TYPE_U32,
	[FWLOAD_A_GENERATION] = MNL_TYPE_U32,
	[FWLOAD_A_MEMORY] = MNL_TYPE_U64,
	[FWLOAD_A_MEMORY_MAX] = MNL_TYPE_U64,
	[FWLOAD_A_TABLE] = MNL_TYPE_NESTED,
	[FWLOAD_A_FAMILY] = MNL_TYPE_U8,
	[FWLOAD_A_TABLE_TYPE] = MNL_TYPE_U8,
	[FWLOAD_A_N_CHAINS] = MNL_TYPE_U32,
	[FWLOAD_A_N_RULES] = MNL_TYPE_U32,
	[FWLOAD_A_CHAIN] = MNL_TYPE_NESTED,
	[FWLOAD_A_CHAIN_NAME] = MNL_TYPE_NUL_STRING,
	[FWLOAD_A_HANDLE] = MNL_TYPE_U32,
	[FWLOAD_A_ID] = MNL_TYPE_U64,
	[FWLOAD_A_HOOK] = MNL_TYPE_U8,
	[FWLOAD_A_POLICY] = MNL_TYPE_U8,
	[FWLOAD_A_RULE] = MNL_TYPE_U32,
	[FWLOAD_A_COUNTERS] = MNL_TYPE_BINARY,
	[FWLOAD_A_POLICY_COUNTER] = MNL_TYPE_BINARY,
	[FWLOAD_A_CAUSE] = MNL_TYPE_U8,
	[FWLOAD_A_PORTID] = MNL_TYPE_U32,
	[FWLOAD_A_REFERENCES] = MNL_TYPE_U32,
};

static int take(const struct nlattr *attr, void *data)
{
	const struct nlattr **tb = data;
	u16 type = mnl_attr_get_type(attr);

	if (type > FWLOAD_A_MAX || !types[type])
		return MNL_CB_OK;
	if (mnl_attr_validate(attr, types[type]) < 0)
		return MNL_CB_ERROR;
	tb[type] = attr;
	return MNL_CB_OK;
}

bool attr_parse(const struct nlmsghdr *nlh, const struct nlattr **tb)
{
	memset(tb, 0, ATTR_N * sizeof(*tb));
	return mnl_attr_parse(nlh, sizeof(struct genlmsghdr), take, tb) > MNL_CB_ERROR;
}

bool attr_parse_nest(const struct nlattr *nest, const struct nlattr **tb)
{
	memset(tb, 0, ATTR_N * sizeof(*tb));
	return mnl_attr_parse_nested(nest, take, tb) > MNL_CB_ERROR;
}
