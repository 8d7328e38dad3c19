// SPDX-License-Identifier: GPL-2.0
/*
 * What a commit keeps: chains that stay, counters that are carried over, tables that it does
 * not name; what sets counters to zero; what a dump says about it. For
 * keep.sh, in a network namespace of its own with the loopback device up.
 *
 * Packets are UDP from here to addresses of the loopback network, where a socket takes them
 * in and never answers.
 *
 *	keep [ROUNDS]		of random edits, 200
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../user/attr.h"
#include "../user/diag.h"
#include "../user/emit.h"
#include "../user/fetch.h"
#include "../user/genl.h"
#include "../user/parse.h"
#include "talk.h"
#include "unit/ktap.h"

#define PORT		9
#define MAX_RULES	64

static struct genl *genl;
static struct genl_error refusal;
static int udp;
static int rounds = 200;

static struct ruleset *compile(const char *text)
{
	struct diag d = { .out = stdout, .file = "rules", .text = text, .size = strlen(text) };
	struct ruleset *rs = ruleset_new();

	if (!parse_text(rs, FWLOAD_FAMILY_IPV4, text, strlen(text), &d))
		die("a rule set has errors");
	return rs;
}

/* Put @rs into force and free it. Returns 0 or -errno, and refusal. */
static int push(struct ruleset *rs, u32 flags)
{
	struct buf image = {};
	u32 generation;
	int ret;

	if (emit_image(rs, false, &image))
		die("a rule set makes no image");
	ret = genl_push(genl, image.data, image.size, flags, NULL, &generation, &refusal);
	buf_free(&image);
	ruleset_free(rs);
	return ret;
}

static int load(const char *text, u32 flags)
{
	return push(compile(text), flags);
}

static struct ruleset *fetch(u32 flags)
{
	struct ruleset *rs = genl_fetch(genl, &genl_all, flags, &refusal);

	if (!rs)
		die("GET_IMAGE fails");
	return rs;
}

static struct chain *chain_in(struct ruleset *rs, u8 table, const char *name)
{
	struct chain *c = table_find(&rs->tables[FWLOAD_FAMILY_IPV4][table], name, strlen(name));

	if (!c)
		die("a chain is missing");
	return c;
}

static struct chain *filter_chain(struct ruleset *rs, const char *name)
{
	return chain_in(rs, FWLOAD_TABLE_FILTER, name);
}

static u64 packets(const struct chain *c, u32 rule)
{
	const struct fwload_counter_pair *counters = (const void *)c->counters.data;

	return counters[rule].packets;
}

/* What rule number @rule of a chain of filter has counted. */
static u64 counted(const char *chain, u32 rule)
{
	struct ruleset *rs = fetch(0);
	u64 n = packets(filter_chain(rs, chain), rule);

	ruleset_free(rs);
	return n;
}

static u64 id_of(const char *chain)
{
	struct ruleset *rs = fetch(0);
	u64 id = filter_chain(rs, chain)->id;

	ruleset_free(rs);
	return id;
}

static u64 memory(void)
{
	struct genl_status st;

	if (genl_status(genl, &st, &refusal))
		die("GET fails");
	return st.memory;
}

static void send_to(const char *address, unsigned int n)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(PORT) };

	inet_pton(AF_INET, address, &to.sin_addr);
	while (n--)
		if (sendto(udp, "x", 1, 0, (struct sockaddr *)&to, sizeof(to)) < 0 &&
		    errno != EPERM)
			die("a packet cannot be sent");
}

/* In place of its rules @chain of @rs says that the object @id is to stay. */
static void keep(struct ruleset *rs, const char *chain, u64 id)
{
	struct chain *c = filter_chain(rs, chain);

	chain_clear(c);
	c->kept = true;
	c->id = id;
}

#define BASE	"*filter\n:u - [0:0]\n-A OUTPUT -j u\n"
#define TWO	BASE "-A u -d 127.0.0.1\n-A u -d 127.0.0.2 -j DROP\nCOMMIT\n"
#define ONE	BASE "-A u -d 127.0.0.3\nCOMMIT\n"
#define NO_U	"*filter\n-A OUTPUT -d 127.0.0.1\nCOMMIT\n"
#define V	"*filter\n:v - [0:0]\n-A OUTPUT -d 127.0.0.1\nCOMMIT\n"

static void a_kept_chain_has_its_counters_and_another_policy(void)
{
	struct ruleset *rs;
	struct chain *c;

	EXPECT(!load(TWO, 0));
	send_to("127.0.0.1", 3);
	rs = compile(TWO);
	keep(rs, "OUTPUT", id_of("OUTPUT"));
	keep(rs, "u", id_of("u"));
	filter_chain(rs, "OUTPUT")->policy = FWLOAD_POLICY_DROP;
	EXPECT(!push(rs, 0));
	rs = fetch(0);
	c = filter_chain(rs, "OUTPUT");
	EXPECT_INT(c->policy, FWLOAD_POLICY_DROP);
	EXPECT_INT(packets(c, 0), 3);
	EXPECT_INT(c->policy_counter.packets, 3);
	EXPECT_INT(packets(filter_chain(rs, "u"), 0), 3);
	ruleset_free(rs);
}

static void a_kept_chain_of_another_id_is_refused(void)
{
	struct ruleset *rs = compile(TWO);
	u64 id = id_of("u");

	keep(rs, "u", id + 1000);
	EXPECT_INT(push(rs, 0), -ENOENT);
	EXPECT_INT(id_of("u"), id);
}

static void a_kept_chain_that_jumps_to_a_chain_that_goes_is_refused(void)
{
	struct ruleset *rs;

	EXPECT(!load(TWO, 0));
	rs = compile(NO_U);
	keep(rs, "OUTPUT", id_of("OUTPUT"));
	EXPECT_INT(push(rs, 0), -ENOENT);
	/* Nor does a new chain take the place of the one that goes. */
	rs = compile(V);
	keep(rs, "OUTPUT", id_of("OUTPUT"));
	EXPECT_INT(push(rs, 0), -ENOENT);
}

static void a_kept_chain_jumps_to_what_now_has_the_name(void)
{
	struct ruleset *rs = compile(ONE);

	keep(rs, "OUTPUT", id_of("OUTPUT"));
	EXPECT(!push(rs, 0));
	send_to("127.0.0.3", 2);
	EXPECT_INT(counted("u", 0), 2);
	EXPECT_INT(counted("OUTPUT", 0), 2);
}

#define LIMIT	BASE "-A u -m limit --limit 1/hour --limit-burst 2\nCOMMIT\n"

static void a_kept_chain_has_the_state_of_its_matches(void)
{
	struct ruleset *rs;

	EXPECT(!load(LIMIT, 0));
	send_to("127.0.0.1", 3);
	EXPECT_INT(counted("u", 0), 2);
	rs = compile(LIMIT);
	keep(rs, "u", id_of("u"));
	EXPECT(!push(rs, 0));
	send_to("127.0.0.1", 3);
	EXPECT_INT(counted("u", 0), 2);
	EXPECT(!load(LIMIT, 0));
	send_to("127.0.0.1", 3);
	EXPECT_INT(counted("u", 0), 2);
}

/* The match may not be reached from INPUT, where a packet has no output interface yet. */
#define IFACE	"-A u -m addrtype --dst-type LOCAL --limit-iface-out\nCOMMIT\n"

static void a_kept_chain_is_checked_for_more_hooks(void)
{
	struct ruleset *rs;
	u64 id;

	EXPECT(!load(BASE IFACE, 0));
	id = id_of("u");
	rs = compile(BASE "-A INPUT -j u\n" IFACE);
	keep(rs, "u", id);
	EXPECT_INT(push(rs, 0), -EINVAL);
	EXPECT(strstr(refusal.reason, "refuses its parameters"));
	EXPECT_INT(refusal.place.rule, 0);
	EXPECT_INT(id_of("u"), id);
	rs = compile(BASE "-A FORWARD -j u\n" IFACE);
	keep(rs, "u", id);
	EXPECT(!push(rs, 0));
	EXPECT_INT(id_of("u"), id);
}

#define SET	"-A u -j SET --add-set keep src\nCOMMIT\n"

static void sets_of_a_kept_chain_are_found_again(void)
{
	struct ruleset *rs;

	if (system("ipset create keep hash:ip"))
		die("no ip set");
	EXPECT(!load(BASE SET, 0));
	rs = compile(BASE "-A INPUT -j u\n" SET);
	keep(rs, "u", id_of("u"));
	EXPECT(!push(rs, 0));
}

/* Behind a rule that takes every packet jumps lead nowhere, loop or not. */
#define DEAD	"-A u -j RETURN\n-A u -j u\nCOMMIT\n"

static void a_kept_chain_has_dead_rules_still(void)
{
	struct ruleset *rs;
	u64 id;

	EXPECT(!load(BASE DEAD, 0));
	id = id_of("u");
	rs = compile(BASE "-A INPUT -j u\n" DEAD);
	keep(rs, "u", id);
	EXPECT(!push(rs, 0));
	EXPECT_INT(id_of("u"), id);
}

static void without_carry_counters_start_at_zero(void)
{
	EXPECT(!load(ONE, 0));
	EXPECT_INT(counted("u", 0), 0);
	EXPECT_INT(counted("OUTPUT", 0), 0);
}

static void with_carry_a_chain_that_does_not_change_stays(void)
{
	u64 base, u;

	EXPECT(!load(ONE, 0));
	base = id_of("OUTPUT");
	u = id_of("u");
	send_to("127.0.0.3", 4);
	EXPECT(!load(TWO, FWLOAD_COMMIT_CARRY));
	EXPECT_INT(id_of("OUTPUT"), base);
	EXPECT_INT(counted("OUTPUT", 0), 4);
	EXPECT(id_of("u") != u);
	EXPECT_INT(counted("u", 0), 0);
}

/* What rules can say; where its parts stand in the body is another matter. */
static const char *const pool[] = {
	"", "-d 127.0.0.1", "-d 127.0.0.2", "-m comment --comment one",
	"-d 127.0.0.1 -m comment --comment one", "-d 127.0.0.1 -m comment --comment two",
	"-m length --length 1:9000", "-m length --length 2:9000",
	"-m ttl --ttl-eq 64 -m length --length 1:9000", "-j a", "-j b", "-d 127.0.0.9 -g a",
	"-d 127.0.0.2 -j RETURN", "-d 127.0.0.2 -j LOG --log-prefix x",
};

struct pooled {
	int rule[MAX_RULES];	/* its number in pool */
	int n;
};

static int random_below(int n)
{
	return random() % n;
}

static void insert(struct pooled *p, int at)
{
	if (p->n == MAX_RULES)
		return;
	memmove(&p->rule[at + 1], &p->rule[at], (p->n - at) * sizeof(p->rule[0]));
	p->rule[at] = random_below(ARRAY_SIZE(pool));
	p->n++;
}

static void edit(struct pooled *p)
{
	int a = random_below(p->n), b = random_below(p->n), rule = p->rule[a];

	switch (random_below(4)) {
	case 0:
		insert(p, random_below(p->n + 1));
		break;
	case 1:
		if (p->n == 1)
			break;
		p->n--;
		memmove(&p->rule[a], &p->rule[a + 1], (p->n - a) * sizeof(p->rule[0]));
		break;
	case 2:
		p->rule[a] = random_below(ARRAY_SIZE(pool));
		break;
	default:
		p->rule[a] = p->rule[b];
		p->rule[b] = rule;
	}
}

/* Chains that come and go move the handles about. */
static int load_pooled(const struct pooled *p, u32 flags)
{
	static char text[MAX_RULES * 80 + 1024];
	size_t size;

	size = snprintf(text, sizeof(text), "*filter\n:a - [0:0]\n:b - [0:0]\n");
	for (int i = 0; i < 9; i++)
		if (random_below(3))
			size += snprintf(text + size, sizeof(text) - size, ":a%d - [0:0]\n", i);
	for (int i = 0; i < p->n; i++)
		size += snprintf(text + size, sizeof(text) - size, "-A OUTPUT %s\n",
				 pool[p->rule[i]]);
	snprintf(text + size, sizeof(text) - size, "-A a -d 127.0.0.1\nCOMMIT\n");
	return load(text, flags);
}

/* The k-th of the rules in @p that say the same as number @rule takes from here. */
static int source_of(const struct pooled *before, const struct pooled *after, int rule)
{
	int k = 0;

	for (int i = 0; i < rule; i++)
		k += after->rule[i] == after->rule[rule];
	for (int i = 0; i < before->n; i++)
		if (before->rule[i] == after->rule[rule] && !k--)
			return i;
	return -1;
}

static void equal_rules_carry_their_counters_in_order(void)
{
	struct pooled before = {}, after;
	struct ruleset *rs, *then;
	u64 carried = 0;

	srandom(1);
	while (before.n < MAX_RULES / 2)
		insert(&before, before.n);
	EXPECT(!load_pooled(&before, 0));
	for (int round = 0; round < rounds; round++) {
		send_to("127.0.0.1", random_below(3));
		send_to("127.0.0.2", random_below(2));
		EXPECT(!talk_zero("OUTPUT", random_below(before.n)));
		rs = fetch(0);
		after = before;
		for (int i = random_below(5); i; i--)
			edit(&after);
		EXPECT(!load_pooled(&after, FWLOAD_COMMIT_CARRY));
		then = fetch(0);
		for (int i = 0; i < after.n; i++) {
			int from = source_of(&before, &after, i);
			u64 n = from < 0 ? 0 : packets(filter_chain(rs, "OUTPUT"), from);

			EXPECT_INT(packets(filter_chain(then, "OUTPUT"), i), n);
			carried += n;
		}
		EXPECT_INT(filter_chain(then, "OUTPUT")->policy_counter.packets,
			   filter_chain(rs, "OUTPUT")->policy_counter.packets);
		ruleset_free(rs);
		ruleset_free(then);
		before = after;
	}
	printf("# summary: %d edits, %llu packets carried over\n", rounds,
	       (unsigned long long)carried);
}

static void tables_that_a_commit_does_not_name_stay(void)
{
	struct ruleset *rs;

	EXPECT(!load("*mangle\n-A OUTPUT -d 127.0.0.1\nCOMMIT\n", 0));
	EXPECT(!load(TWO, 0));
	send_to("127.0.0.1", 2);
	EXPECT(!load(ONE, 0));
	send_to("127.0.0.1", 3);
	rs = fetch(0);
	EXPECT_INT(packets(chain_in(rs, FWLOAD_TABLE_MANGLE, "OUTPUT"), 0), 5);
	EXPECT_INT(packets(filter_chain(rs, "OUTPUT"), 0), 3);
	ruleset_free(rs);
}

static void a_test_changes_nothing(void)
{
	struct genl_status before, after;
	u64 id = id_of("u");

	EXPECT(!genl_status(genl, &before, &refusal));
	EXPECT(!load(TWO, FWLOAD_COMMIT_TEST | FWLOAD_COMMIT_CARRY));
	EXPECT(!genl_status(genl, &after, &refusal));
	EXPECT_INT(after.generation, before.generation);
	EXPECT_INT(id_of("u"), id);
}

static void zero_takes_a_rule_a_chain_or_a_table(void)
{
	EXPECT(!load(TWO, 0));
	send_to("127.0.0.2", 2);
	send_to("127.0.0.1", 2);
	EXPECT(!talk_zero("u", 0));
	EXPECT_INT(counted("u", 0), 0);
	EXPECT_INT(counted("u", 1), 2);
	EXPECT(!talk_zero("u", FWLOAD_NO_PLACE));
	EXPECT_INT(counted("u", 1), 0);
	EXPECT_INT(counted("OUTPUT", 0), 4);
	send_to("127.0.0.1", 1);
	EXPECT_INT(counted("u", 0), 1);
	EXPECT(!talk_zero(NULL, FWLOAD_NO_PLACE));
	EXPECT_INT(counted("u", 0), 0);
	EXPECT_INT(counted("OUTPUT", 0), 0);
	EXPECT_INT(talk_zero("nowhere", FWLOAD_NO_PLACE), -ENOENT);
	EXPECT_INT(talk_zero("u", 2), -ENOENT);
}

static void read_and_zero_says_each_count_once(void)
{
	struct ruleset *rs;

	send_to("127.0.0.1", 3);
	rs = fetch(FWLOAD_GET_IMAGE_ZERO);
	EXPECT_INT(packets(filter_chain(rs, "u"), 0), 3);
	EXPECT_INT(filter_chain(rs, "OUTPUT")->policy_counter.packets, 3);
	ruleset_free(rs);
	rs = fetch(0);
	EXPECT_INT(packets(filter_chain(rs, "u"), 0), 0);
	EXPECT_INT(filter_chain(rs, "OUTPUT")->policy_counter.packets, 0);
	ruleset_free(rs);
}

static int take_piece(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *tb[ATTR_N];

	return attr_parse(nlh, tb) && fetch_message(arg, tb) ? MNL_CB_OK : MNL_CB_ERROR;
}

/* The kernel puts as much as fits into one message when it is asked, the rest as it is read. */
static void a_dump_is_of_one_generation(void)
{
	static char text[1 << 20];
	size_t size = snprintf(text, sizeof(text), "*filter\n");
	struct fetch *f = fetch_new(0, false);
	char room[256];
	struct ruleset *rs;
	int ret;

	for (int i = 0; i < 10000; i++)
		size += snprintf(text + size, sizeof(text) - size,
				 "-A OUTPUT -d 127.0.%d.%d\n", i / 250, i % 250 + 1);
	snprintf(text + size, sizeof(text) - size, "COMMIT\n");
	EXPECT(!load(text, 0));
	send_to("127.0.39.250", 2);
	talk_send(talk_request(room, FWLOAD_CMD_GET_IMAGE, NLM_F_DUMP));
	EXPECT(!load(TWO, 0));
	send_to("127.0.39.250", 1);
	EXPECT(!genl_flush(genl, &refusal));
	ret = talk_receive(take_piece, f);
	rs = fetch_end(f);
	if (!EXPECT(!ret && rs))
		return;
	EXPECT_INT(filter_chain(rs, "OUTPUT")->n_rules, 10000);
	EXPECT_INT(packets(filter_chain(rs, "OUTPUT"), 9999), 2);
	ruleset_free(rs);
}

/* What was replaced is given back a grace period later. */
static void memory_is_given_back(void)
{
	for (int i = 0; i < 20; i++)
		EXPECT(!load(i % 2 ? ONE : TWO, FWLOAD_COMMIT_CARRY));
	EXPECT(memory() > 0);
	EXPECT(!genl_flush(genl, &refusal));
	for (int i = 0; i < 100 && memory(); i++)
		usleep(50000);
	EXPECT_INT(memory(), 0);
}

int main(int argc, char **argv)
{
	static const struct ktap_case cases[] = {
		KTAP_CASE(a_kept_chain_has_its_counters_and_another_policy),
		KTAP_CASE(a_kept_chain_of_another_id_is_refused),
		KTAP_CASE(a_kept_chain_that_jumps_to_a_chain_that_goes_is_refused),
		KTAP_CASE(a_kept_chain_jumps_to_what_now_has_the_name),
		KTAP_CASE(a_kept_chain_has_the_state_of_its_matches),
		KTAP_CASE(a_kept_chain_is_checked_for_more_hooks),
		KTAP_CASE(sets_of_a_kept_chain_are_found_again),
		KTAP_CASE(a_kept_chain_has_dead_rules_still),
		KTAP_CASE(without_carry_counters_start_at_zero),
		KTAP_CASE(with_carry_a_chain_that_does_not_change_stays),
		KTAP_CASE(equal_rules_carry_their_counters_in_order),
		KTAP_CASE(tables_that_a_commit_does_not_name_stay),
		KTAP_CASE(a_test_changes_nothing),
		KTAP_CASE(zero_takes_a_rule_a_chain_or_a_table),
		KTAP_CASE(read_and_zero_says_each_count_once),
		KTAP_CASE(a_dump_is_of_one_generation),
		KTAP_CASE(memory_is_given_back),
	};
	struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	int sink = socket(AF_INET, SOCK_DGRAM, 0);

	if (argc > 1)
		rounds = atoi(argv[1]);
	udp = socket(AF_INET, SOCK_DGRAM, 0);
	if (sink < 0 || udp < 0 || bind(sink, (struct sockaddr *)&any, sizeof(any)) < 0)
		die("no sockets");
	genl = genl_open(&refusal);
	if (!genl)
		die(refusal.reason);
	talk_open();
	return ktap_run(cases, ARRAY_SIZE(cases));
}
