// SPDX-License-Identifier: GPL-2.0
/*
 * A rule set put together from the messages of GET_IMAGE: tables, chains, pieces of
 * bodies and counters in the order of the protocol; anything else is refused.
 */
#include <linux/genetlink.h>

#include "../../kmod/body.h"
#include "../../user/fetch.h"
#include "ktap.h"

static char room[8192];

static struct nlmsghdr *begin(void)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(room);

	memset(mnl_nlmsg_put_extra_header(nlh, sizeof(struct genlmsghdr)), 0,
	       sizeof(struct genlmsghdr));
	return nlh;
}

/* Hand the message over. */
static bool take(struct fetch *f, const struct nlmsghdr *nlh)
{
	const struct nlattr *tb[ATTR_N];

	return attr_parse(nlh, tb) && fetch_message(f, tb);
}

static bool generation(struct fetch *f, u32 n)
{
	struct nlmsghdr *nlh = begin();

	mnl_attr_put_u32(nlh, FWLOAD_A_GENERATION, n);
	return take(f, nlh);
}

static bool table(struct fetch *f, u8 family, u8 type)
{
	struct nlmsghdr *nlh = begin();
	struct nlattr *nest = mnl_attr_nest_start(nlh, FWLOAD_A_TABLE);

	mnl_attr_put_u8(nlh, FWLOAD_A_FAMILY, family);
	mnl_attr_put_u8(nlh, FWLOAD_A_TABLE_TYPE, type);
	mnl_attr_nest_end(nlh, nest);
	return take(f, nlh);
}

static bool chain(struct fetch *f, const char *name, u32 handle, u64 id, u8 policy)
{
	const struct fwload_counter_pair pair = { .packets = 3, .bytes = 180 };
	struct nlmsghdr *nlh = begin();
	struct nlattr *nest = mnl_attr_nest_start(nlh, FWLOAD_A_CHAIN);

	mnl_attr_put_strz(nlh, FWLOAD_A_CHAIN_NAME, name);
	mnl_attr_put_u32(nlh, FWLOAD_A_HANDLE, handle);
	mnl_attr_put_u64(nlh, FWLOAD_A_ID, id);
	if (policy) {
		mnl_attr_put_u8(nlh, FWLOAD_A_POLICY, policy);
		mnl_attr_put(nlh, FWLOAD_A_POLICY_COUNTER, sizeof(pair), &pair);
	}
	mnl_attr_nest_end(nlh, nest);
	return take(f, nlh);
}

static bool bytes(struct fetch *f, u64 offset, const void *data, size_t size)
{
	struct nlmsghdr *nlh = begin();

	mnl_attr_put_u64(nlh, FWLOAD_A_OFFSET, offset);
	mnl_attr_put(nlh, FWLOAD_A_BYTES, size, data);
	return take(f, nlh);
}

static bool counters(struct fetch *f, u32 rule, u64 packets)
{
	const struct fwload_counter_pair pair = { .packets = packets, .bytes = packets * 60 };
	struct nlmsghdr *nlh = begin();

	mnl_attr_put_u32(nlh, FWLOAD_A_RULE, rule);
	mnl_attr_put(nlh, FWLOAD_A_COUNTERS, sizeof(pair), &pair);
	return take(f, nlh);
}

/* The body of a chain without rules. */
static bool empty_body(struct fetch *f)
{
	const struct fwload_img_body body = { 0 };

	return bytes(f, 0, &body, sizeof(body));
}

/* A body of one rule, a jump to the chain of a handle. */
struct jump_body {
	struct fwload_img_body head;
	struct fwload_img_ref ref;
	struct fwload_img_rule rule;
};

static struct jump_body jump_to(u32 handle)
{
	return (struct jump_body){
		.head.n_rules = cpu_to_le32(1),
		.head.n_refs = cpu_to_le32(1),
		.head.rules_size = cpu_to_le32(sizeof(struct fwload_img_rule)),
		.ref.chain = cpu_to_le32(handle),
		.ref.uses = cpu_to_le32(1),
		.rule.size = cpu_to_le16(1),
		.rule.target = cpu_to_le32(FWLOAD_IMG_T_JUMP << FWLOAD_IMG_TARGET_SHIFT),
	};
}

/* filter of IPv4 as far as its last chain: raw tables have fewer chains to write down. */
static struct fetch *raw_table(void)
{
	struct fetch *f = fetch_new(0, false);

	EXPECT(generation(f, 7));
	EXPECT(table(f, FWLOAD_FAMILY_IPV6, FWLOAD_TABLE_RAW));
	return f;
}

static void refs_become_chains_that_come_later(void)
{
	const struct jump_body body = jump_to(40);
	struct fetch *f = raw_table();
	struct ruleset *rs;
	struct chain *c;
	struct table *t;

	EXPECT(chain(f, "PREROUTING", 9, 100, FWLOAD_POLICY_DROP));
	EXPECT(bytes(f, 0, &body, 16));
	EXPECT(bytes(f, 16, (const u8 *)&body + 16, sizeof(body) - 16));
	EXPECT(counters(f, 0, 5));
	EXPECT(chain(f, "OUTPUT", 3, 101, FWLOAD_POLICY_ACCEPT));
	EXPECT(empty_body(f));
	EXPECT(chain(f, "late", 40, 102, 0));
	EXPECT(empty_body(f));
	rs = fetch_end(f);
	if (!EXPECT(rs))
		return;

	EXPECT_INT(rs->generation, 7);
	t = &rs->tables[FWLOAD_FAMILY_IPV6][FWLOAD_TABLE_RAW];
	EXPECT(t->present && !rs->tables[FWLOAD_FAMILY_IPV4][FWLOAD_TABLE_RAW].present);
	EXPECT_INT(t->n_chains, 3);
	c = t->chains[0];
	EXPECT_STR(c->name, "PREROUTING");
	EXPECT_INT(c->policy, FWLOAD_POLICY_DROP);
	EXPECT_INT(c->policy_counter.bytes, 180);
	EXPECT_INT(c->n_rules, 1);
	EXPECT_INT(c->id, 100);
	EXPECT_INT(((struct fwload_counter_pair *)c->counters.data)->packets, 5);
	EXPECT(((struct ref *)c->refs.data)->chain == table_find(t, "late", 4));
	EXPECT(t->chains[2]->declared && t->chains[2]->hook == FWLOAD_IMG_NO_HOOK);
	ruleset_free(rs);
}

static void nothing_loaded_is_an_empty_rule_set(void)
{
	struct fetch *f = fetch_new(0, false);
	struct ruleset *rs;

	EXPECT(generation(f, 0));
	rs = fetch_end(f);
	EXPECT(rs);
	ruleset_free(rs);
}

static void handle_of_no_chain_is_refused(void)
{
	const struct jump_body body = jump_to(40);
	struct fetch *f = raw_table();

	EXPECT(chain(f, "PREROUTING", 9, 100, FWLOAD_POLICY_DROP));
	EXPECT(bytes(f, 0, &body, sizeof(body)) && counters(f, 0, 5));
	EXPECT(!fetch_end(f));
}

static void body_that_is_not_complete_is_refused(void)
{
	const struct jump_body body = jump_to(9);
	struct fetch *f = raw_table();

	EXPECT(chain(f, "PREROUTING", 9, 100, FWLOAD_POLICY_DROP));
	EXPECT(bytes(f, 0, &body, 16));
	EXPECT(!chain(f, "OUTPUT", 3, 101, FWLOAD_POLICY_ACCEPT));
	EXPECT(!fetch_end(f));
}

static void missing_counters_are_refused(void)
{
	const struct jump_body body = jump_to(9);
	struct fetch *f = raw_table();

	EXPECT(chain(f, "PREROUTING", 9, 100, FWLOAD_POLICY_DROP));
	EXPECT(bytes(f, 0, &body, sizeof(body)));
	EXPECT(!fetch_end(f));
}

static void gap_between_pieces_is_refused(void)
{
	const struct jump_body body = jump_to(9);
	struct fetch *f = raw_table();

	EXPECT(chain(f, "PREROUTING", 9, 100, FWLOAD_POLICY_DROP));
	EXPECT(bytes(f, 0, &body, 16));
	EXPECT(!bytes(f, 24, (const u8 *)&body + 24, 8));
	EXPECT(!fetch_end(f));
}

static void second_refusal_follows_the_first(void)
{
	struct fetch *f = fetch_new(0, false);

	EXPECT(!empty_body(f));
	EXPECT(!generation(f, 1));
	EXPECT(!fetch_end(f));
}

static void table_that_comes_twice_is_refused(void)
{
	struct fetch *f = raw_table();

	EXPECT(!table(f, FWLOAD_FAMILY_IPV6, FWLOAD_TABLE_RAW));
	EXPECT(!fetch_end(f));
}

static void name_that_is_too_long_is_refused(void)
{
	struct fetch *f = raw_table();

	EXPECT(!chain(f, "a-name-of-twenty-nine-letters", 1, 1, 0));
	EXPECT(!fetch_end(f));
}

/* Whoever makes an array of them relies on that. */
static void handle_that_is_too_large_is_refused(void)
{
	struct fetch *f = raw_table();

	EXPECT(chain(f, "PREROUTING", FWLOAD_BODY_MAX_HANDLES - 1, 1, FWLOAD_POLICY_DROP));
	EXPECT(empty_body(f));
	EXPECT(!chain(f, "OUTPUT", FWLOAD_BODY_MAX_HANDLES, 2, FWLOAD_POLICY_DROP));
	EXPECT(!fetch_end(f));

	f = raw_table();
	EXPECT(!chain(f, "PREROUTING", 0xffffffff, 1, FWLOAD_POLICY_DROP));
	EXPECT(!fetch_end(f));
}

static void attribute_of_the_wrong_size_is_refused(void)
{
	struct nlmsghdr *nlh = begin();
	struct fetch *f = fetch_new(0, false);

	mnl_attr_put_u8(nlh, FWLOAD_A_GENERATION, 1);
	EXPECT(!take(f, nlh));
	ruleset_free(fetch_end(f));
}

int main(void)
{
	static const struct ktap_case cases[] = {
		KTAP_CASE(refs_become_chains_that_come_later),
		KTAP_CASE(nothing_loaded_is_an_empty_rule_set),
		KTAP_CASE(handle_of_no_chain_is_refused),
		KTAP_CASE(body_that_is_not_complete_is_refused),
		KTAP_CASE(missing_counters_are_refused),
		KTAP_CASE(gap_between_pieces_is_refused),
		KTAP_CASE(second_refusal_follows_the_first),
		KTAP_CASE(table_that_comes_twice_is_refused),
		KTAP_CASE(name_that_is_too_long_is_refused),
		KTAP_CASE(handle_that_is_too_large_is_refused),
		KTAP_CASE(attribute_of_the_wrong_size_is_refused),
	};

	return ktap_run(cases, ARRAY_SIZE(cases));
}
