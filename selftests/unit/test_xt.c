// SPDX-License-Identifier: GPL-2.0
/*
 * Extensions through libxtables: text to payload to text, names of sets, aliases, several
 * uses in a rule, changes of family, errors and warnings.
 */
#include <stdlib.h>

#include "../../user/xt.h"
#include "ktap.h"

#define WORDS	16

/* Cut @text at its blanks. */
static int cut(char *text, char **argv)
{
	int argc = 0;

	for (char *word = strtok(text, " "); word && argc < WORDS; word = strtok(NULL, " "))
		argv[argc++] = word;
	argv[argc] = NULL;
	return argc;
}

/*
 * What becomes of a rule: "-p NUMBER", which may be left out, then "-m NAME" or "-j NAME" and
 * its options. Returns what comes back as text, or "error: ...".
 */
static const char *rule(u8 family, const char *text)
{
	static char line[512];
	static u8 data[4096];
	struct xt_payload payload;
	struct buf out = { 0 };
	char words[512];
	char *argv[WORDS + 1];
	const char *bad = NULL;
	struct xt_use *use;
	bool invert = false;
	u8 proto = 0, kind;
	int argc, i = 0;

	snprintf(words, sizeof(words), "%s", text);
	argc = cut(words, argv);
	xt_rule_begin(family);
	if (!strcmp(argv[0], "-p")) {
		proto = atoi(argv[1]);
		xt_rule_proto(proto, false);
		i = 2;
	}
	kind = strcmp(argv[i], "-m") ? FWLOAD_IMG_EXT_TARGET : FWLOAD_IMG_EXT_MATCH;
	use = xt_use(kind, argv[i + 1], &bad);
	i += 2;
	while (use && !bad && i < argc) {
		const struct xt_option *option = xt_options(use);

		if (!strcmp(argv[i], "!")) {
			invert = true;
			i++;
			continue;
		}
		while (option->name && strcmp(option->name, argv[i] + 2))
			option++;
		if (!option->name)
			return "error: no such option";
		i += 1 + option->has_arg;
		bad = xt_parse(use, option->id, invert, argv, &i);
		invert = false;
	}
	if (use && !bad)
		bad = xt_finish(use, &payload);
	if (bad) {
		snprintf(line, sizeof(line), "error: %s", bad);
		return line;
	}
	memcpy(data, payload.data, payload.size);
	payload.data = data;
	if (!xt_print(family, proto, kind, &payload, &out))
		return "error: cannot be printed";
	snprintf(line, sizeof(line), "%.*s", (int)out.size, (char *)out.data);
	buf_free(&out);
	return line;
}

static const char *rule4(const char *text)
{
	return rule(FWLOAD_FAMILY_IPV4, text);
}

static const char *rule6(const char *text)
{
	return rule(FWLOAD_FAMILY_IPV6, text);
}

static void old_and_new_parsers(void)
{
	EXPECT_STR(rule4("-m limit --limit 5/min --limit-burst 7"),
		   " -m limit --limit 5/min --limit-burst 7");
	EXPECT_STR(rule4("-m length ! --length 10:20"), " -m length ! --length 10:20");
	EXPECT_STR(rule4("-j TTL --ttl-set 64"), " -j TTL --ttl-set 64");
	EXPECT_STR(rule4("-j TRACE"), " -j TRACE");
	/* A word more than getopt gives. */
	EXPECT_STR(rule4("-p 132 -m sctp --chunk-types any INIT"),
		   " -m sctp --chunk-types any INIT");
}

static void aliases(void)
{
	EXPECT_STR(rule4("-m state --state NEW"), " -m state --state NEW");
	EXPECT_STR(rule4("-j NOTRACK"), " -j NOTRACK");
	EXPECT_STR(rule4("-j CT --notrack"), " -j CT --notrack");
}

static void protocol_is_seen(void)
{
	EXPECT_STR(rule4("-p 6 -j SNAT --to-source 1.2.3.4:1-2"),
		   " -j SNAT --to-source 1.2.3.4:1-2");
	EXPECT_STR(rule4("-j SNAT --to-source 1.2.3.4:1-2"),
		   "error: Need TCP, UDP, SCTP or DCCP with port specification");
}

static void families_take_turns(void)
{
	for (int i = 0; i < 3; i++) {
		EXPECT_STR(rule4("-j REJECT"), " -j REJECT --reject-with icmp-port-unreachable");
		EXPECT_STR(rule6("-j REJECT"), " -j REJECT --reject-with icmp6-port-unreachable");
		EXPECT_STR(rule4("-j DNAT --to-destination 1.2.3.4"),
			   " -j DNAT --to-destination 1.2.3.4");
		EXPECT_STR(rule6("-j DNAT --to-destination ::1"),
			   " -j DNAT --to-destination ::1");
		EXPECT_STR(rule6("-m state --state NEW"), " -m state --state NEW");
		EXPECT_STR(rule4("-m ttl --ttl-eq 5"), " -m ttl --ttl-eq 5");
		EXPECT_STR(rule6("-m ttl"), "error: unknown match \"ttl\"");
	}
}

static void sets(void)
{
	EXPECT_STR(rule4("-m set ! --match-set name src,dst ! --update-counters"),
		   " -m set ! --match-set name src,dst ! --update-counters");
	EXPECT_STR(rule6("-j SET --del-set a src --add-set b dst,dst --exist"),
		   " -j SET --add-set b dst,dst --exist --del-set a src");
	EXPECT_STR(rule4("-m set"), "error: set needs --match-set");
	EXPECT_STR(rule4("-m set --match-set name"),
		   "error: --match-set takes a set and a list of src and dst");
	EXPECT_STR(rule4("-m set --match-set name source"),
		   "error: a set's name is followed by a list of src and dst");
	EXPECT_STR(rule4("-m set --match-set name src,src,src,src,src,src,src"),
		   "error: more than 6 of src and dst");
	EXPECT_STR(rule4("-m set --match-set a-name-of-32-bytes-is-too-long-32 src"),
		   "error: the name of a set has 1 to 31 bytes");
	EXPECT_STR(rule4("-j SET --del-set a src --exist"),
		   "error: --exist and --timeout go with --add-set only");
}

/* The payload holds no number of a set, and the names stand beside it. */
static void sets_are_names(void)
{
	char words[] = "--match-set pairs src,src";
	char *argv[WORDS + 1];
	struct xt_payload payload;
	const char *bad;
	struct xt_use *use;
	int word = 2;

	cut(words, argv);
	xt_rule_begin(FWLOAD_FAMILY_IPV4);
	use = xt_use(FWLOAD_IMG_EXT_MATCH, "set", &bad);
	EXPECT_STR(xt_parse(use, xt_options(use)->id, false, argv, &word), NULL);
	EXPECT_INT(word, 3);
	EXPECT_STR(xt_finish(use, &payload), NULL);
	EXPECT_INT(payload.n_sets, 1);
	EXPECT_STR(payload.sets[0], "pairs");
	EXPECT_INT(*(const u16 *)payload.data, 0xffff);
}

static void two_in_a_rule(void)
{
	char words[] = "--limit 1/sec --limit 2/sec";
	char *argv[WORDS + 1];
	struct xt_use *use[2];
	struct xt_payload payload[2];
	struct buf out = { 0 };
	char line[128];
	const char *bad;
	u8 data[2][256];
	int i, word;

	cut(words, argv);
	xt_rule_begin(FWLOAD_FAMILY_IPV4);
	for (i = 0; i < 2; i++) {
		use[i] = xt_use(FWLOAD_IMG_EXT_MATCH, "limit", &bad);
		word = 2 * i + 2;
		EXPECT_STR(xt_parse(use[i], xt_options(use[i])->id, false, argv, &word), NULL);
	}
	for (i = 0; i < 2; i++) {
		EXPECT_STR(xt_finish(use[i], &payload[i]), NULL);
		memcpy(data[i], payload[i].data, payload[i].size);
		payload[i].data = data[i];
		payload[i].name = "limit";
	}
	for (i = 0; i < 2; i++)
		EXPECT(xt_print(FWLOAD_FAMILY_IPV4, 0, FWLOAD_IMG_EXT_MATCH, &payload[i], &out));
	snprintf(line, sizeof(line), "%.*s", (int)out.size, (char *)out.data);
	EXPECT_STR(line, " -m limit --limit 1/sec -m limit --limit 2/sec");
	buf_free(&out);
}

/* The object need not be there, and the descriptor that iptables would store is none. */
static void pinned_programs(void)
{
	EXPECT_STR(rule4("-m bpf --object-pinned /nowhere/object"),
		   " -m bpf --object-pinned /nowhere/object");
	EXPECT_STR(rule4("-m bpf ! --object-pinned /nowhere/object"),
		   "error: --object-pinned cannot be negated");
	EXPECT_STR(rule4("-m bpf --object-pinned a --object-pinned b"),
		   "error: --object-pinned is given twice");
	EXPECT_STR(rule4("-m bpf"), "error: bpf: one of --bytecode or --pinned is required");
}

static void errors(void)
{
	EXPECT_STR(rule4("-m nonesuch"), "error: unknown match \"nonesuch\"");
	EXPECT_STR(rule4("-j ../x"), "error: unknown target \"../x\"");
	EXPECT_STR(rule4("-j standard"), "error: unknown target \"standard\"");
	EXPECT_STR(rule4("-j ACCEPT"), "error: unknown target \"ACCEPT\"");
	EXPECT_STR(rule4("-m a-name-of-29-bytes-is-too-long"),
		   "error: unknown match \"a-name-of-29-bytes-is-too-long\"");
	EXPECT_STR(rule4("-m length"), "error: length: option \"--length\" must be specified");
	EXPECT_STR(rule4("-m length --length x"),
		   "error: length: bad value for option \"--length\" near \"x\", or out of range (0-65535)");
	/* and it goes on after them */
	EXPECT_STR(rule4("-m length --length 1"), " -m length --length 1");
}

static void warnings(void)
{
	xt_warning();
	EXPECT_STR(xt_warning(), NULL);
	rule4("-m set --set name src");
	EXPECT_STR(xt_warning(), "--set is deprecated, use --match-set");
	EXPECT_STR(xt_warning(), NULL);
}

/* What an image holds is printed only when it is what libxtables knows. */
static void unknown_payloads(void)
{
	struct xt_payload payload = { .name = "length", .data = "1234567", .size = 8 };
	struct buf out = { 0 };

	EXPECT(xt_print(FWLOAD_FAMILY_IPV4, 0, FWLOAD_IMG_EXT_MATCH, &payload, &out));
	out.size = 0;
	payload.size = 16;
	EXPECT(!xt_print(FWLOAD_FAMILY_IPV4, 0, FWLOAD_IMG_EXT_MATCH, &payload, &out));
	payload.size = 8;
	payload.revision = 1;
	EXPECT(!xt_print(FWLOAD_FAMILY_IPV4, 0, FWLOAD_IMG_EXT_MATCH, &payload, &out));
	payload.revision = 0;
	payload.name = "nonesuch";
	EXPECT(!xt_print(FWLOAD_FAMILY_IPV4, 0, FWLOAD_IMG_EXT_MATCH, &payload, &out));
	payload.name = "set";
	EXPECT(!xt_print(FWLOAD_FAMILY_IPV4, 0, FWLOAD_IMG_EXT_MATCH, &payload, &out));
	EXPECT(!out.size);
	buf_free(&out);
}

/* REJECT takes its name from a table: there is no entry for this number. */
static void hostile_payloads(void)
{
	static const u32 with[2] = { 0x40000000 };
	struct xt_payload payload = { .name = "REJECT", .data = with, .size = 8 };
	struct buf out = { 0 };

	for (int i = 0; i < 3; i++) {
		/* Whatever comes of it, the process lives, and prints what comes after. */
		xt_print(FWLOAD_FAMILY_IPV4, 0, FWLOAD_IMG_EXT_TARGET, &payload, &out);
		out.size = 0;
		EXPECT_STR(rule4("-j REJECT"), " -j REJECT --reject-with icmp-port-unreachable");
	}
	buf_free(&out);
}

/* Revisions that are not the newest, as another libxtables may have written them. */
static void old_revisions(void)
{
	static const struct {
		u32 mark;
		u32 mask;
		u64 invert;
	} data = { 1, 0xff, 1 };
	static const u32 old[] = { 2, 0 };
	struct xt_payload payload = { .name = "mark", .revision = 1, .data = &data, .size = 16 };
	struct buf out = { 0 };

	EXPECT(xt_print(FWLOAD_FAMILY_IPV4, 0, FWLOAD_IMG_EXT_MATCH, &payload, &out));
	payload.name = "MARK";
	payload.revision = 0;
	payload.data = old;
	payload.size = 8;
	EXPECT(xt_print(FWLOAD_FAMILY_IPV4, 0, FWLOAD_IMG_EXT_TARGET, &payload, &out));
	buf_add(&out, "", 1);
	EXPECT_STR((char *)out.data, " -m mark ! --mark 0x1/0xff -j MARK --set-mark 0x2");
	buf_free(&out);
}

/* libxtables loses what an extension had just allocated when it gives up. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:xtables_strdup";
}

int main(void)
{
	static const struct ktap_case cases[] = {
		KTAP_CASE(old_and_new_parsers), KTAP_CASE(aliases), KTAP_CASE(protocol_is_seen),
		KTAP_CASE(families_take_turns), KTAP_CASE(sets), KTAP_CASE(sets_are_names),
		KTAP_CASE(two_in_a_rule), KTAP_CASE(pinned_programs), KTAP_CASE(errors),
		KTAP_CASE(warnings), KTAP_CASE(unknown_payloads), KTAP_CASE(hostile_payloads),
		KTAP_CASE(old_revisions),
	};

	return ktap_run(cases, ARRAY_SIZE(cases));
}
