// SPDX-License-Identifier: GPL-2.0
/*
 * -m set and -j SET, as libxt_set and libxt_SET of iptables 1.8.9 parse and print them,
 * match revision 4 and target revision 3.
 *
 * libxtables' own versions ask the running kernel for the number of each set, and put that
 * into the payload. Numbers are not stable: an image compiled on Monday would match another
 * set on Tuesday. Here the payload carries IPSET_INVALID_ID, and the names stand beside
 * it; COMMIT looks the sets up in the namespace where the rules will run.
 */
#include <assert.h>
#include <linux/netfilter/xt_set.h>
#include <stdio.h>

#include "set.h"
#include "text.h"

#define PAYLOAD_ALIGN(size)	(((size) + 7) & ~7U)

/* Options of both; the target's begin at ADD_SET. */
enum {
	MATCH_SET,
	SET_OLD,
	RETURN_NOMATCH,
	UPDATE_COUNTERS,
	UPDATE_SUBCOUNTERS,
	PACKETS_EQ,
	PACKETS_LT,
	PACKETS_GT,
	BYTES_EQ,
	BYTES_LT,
	BYTES_GT,
	ADD_SET,
	DEL_SET,
	MAP_SET,
	EXIST,
	TIMEOUT,
	MAP_MARK,
	MAP_PRIO,
	MAP_QUEUE,
};

#define SEEN(option)	(1U << (option))

static const struct xt_option match_options[] = {
	{ "match-set", 1, MATCH_SET },
	{ "set", 1, SET_OLD },
	{ "return-nomatch", 0, RETURN_NOMATCH },
	{ "update-counters", 0, UPDATE_COUNTERS },
	{ "update-subcounters", 0, UPDATE_SUBCOUNTERS },
	{ "packets-eq", 1, PACKETS_EQ },
	{ "packets-lt", 1, PACKETS_LT },
	{ "packets-gt", 1, PACKETS_GT },
	{ "bytes-eq", 1, BYTES_EQ },
	{ "bytes-lt", 1, BYTES_LT },
	{ "bytes-gt", 1, BYTES_GT },
	{ NULL, 0, 0 },
};

static const struct xt_option target_options[] = {
	{ "add-set", 1, ADD_SET },
	{ "del-set", 1, DEL_SET },
	{ "map-set", 1, MAP_SET },
	{ "exist", 0, EXIST },
	{ "timeout", 1, TIMEOUT },
	{ "map-mark", 0, MAP_MARK },
	{ "map-prio", 0, MAP_PRIO },
	{ "map-queue", 0, MAP_QUEUE },
	{ NULL, 0, 0 },
};

static char error[160];

static_assert(SET_NAME_MAX + 1 == IPSET_MAXNAMELEN, "names of sets are 31 bytes");
static_assert(sizeof(struct xt_set_info_match_v4) <= sizeof(((struct set_use *)0)->info) &&
	      sizeof(struct xt_set_info_target_v3) <= sizeof(((struct set_use *)0)->info),
	      "struct set_use has room for both payloads");

void set_begin(struct set_use *use, u8 kind)
{
	struct xt_set_info_match_v4 *match = (void *)use->info;
	struct xt_set_info_target_v3 *target = (void *)use->info;

	memset(use, 0, sizeof(*use));
	use->kind = kind;
	if (kind == FWLOAD_IMG_EXT_MATCH) {
		match->match_set.index = IPSET_INVALID_ID;
		return;
	}
	target->add_set.index = IPSET_INVALID_ID;
	target->del_set.index = IPSET_INVALID_ID;
	target->map_set.index = IPSET_INVALID_ID;
	target->timeout = UINT32_MAX;
}

const struct xt_option *set_options(u8 kind)
{
	return kind == FWLOAD_IMG_EXT_MATCH ? match_options : target_options;
}

/* "src,dst": which of the packet's sides each dimension of the set is compared with. */
static const char *parse_sides(struct xt_set_info *info, const char *sides)
{
	for (;;) {
		if (info->dim == IPSET_DIM_MAX) {
			snprintf(error, sizeof(error), "more than %d of src and dst",
				 IPSET_DIM_MAX);
			return error;
		}
		info->dim++;
		/* As in iptables, what follows these three letters does not count. */
		if (!strncmp(sides, "src", 3))
			info->flags |= 1 << info->dim;
		else if (strncmp(sides, "dst", 3))
			return "a set's name is followed by a list of src and dst";
		sides = strchr(sides, ',');
		if (!sides)
			return NULL;
		sides++;
	}
}

static const char *parse_set(struct xt_set_info *info, char *name,
			     const char *option, char **argv, int *word)
{
	const char *set = argv[*word - 1], *sides = argv[*word];

	if (info->dim) {
		snprintf(error, sizeof(error), "--%s is given twice", option);
		return error;
	}
	if (!sides || *sides == '-' || *sides == '!') {
		snprintf(error, sizeof(error), "--%s takes a set and a list of src and dst",
			 option);
		return error;
	}
	if (!*set || strlen(set) > SET_NAME_MAX) {
		snprintf(error, sizeof(error), "the name of a set has 1 to %d bytes",
			 SET_NAME_MAX);
		return error;
	}
	strcpy(name, set);
	++*word;
	return parse_sides(info, sides);
}

/* Decimal, hexadecimal or octal, as strtoul() with base 0 takes it. */
static const char *parse_number(const char *arg, u64 max, u64 *value)
{
	unsigned long long n;
	char *end;

	errno = 0;
	n = strtoull(arg, &end, 0);
	if (end == arg || *end || errno || n > max || strchr(arg, '-')) {
		snprintf(error, sizeof(error), "\"%.40s\" is no number from 0 to %llu", arg,
			 (unsigned long long)max);
		return error;
	}
	*value = n;
	return NULL;
}

static const char *parse_counter(struct ip_set_counter_match *counter, int comparison,
				 bool invert, const char *arg)
{
	static const u8 ops[] = { IPSET_COUNTER_EQ, IPSET_COUNTER_LT, IPSET_COUNTER_GT };
	u64 value = 0;
	const char *bad;

	if (counter->op != IPSET_COUNTER_NONE)
		return "only one of -eq, -lt and -gt can be given";
	if (invert && comparison)
		return "only -eq can be negated";
	bad = parse_number(arg, UINT64_MAX, &value);
	counter->op = invert ? IPSET_COUNTER_NE : ops[comparison];
	counter->value = value;
	return bad;
}

static const char *parse_match(struct set_use *use, int id, bool invert, char **argv,
			       int *word)
{
	struct xt_set_info_match_v4 *info = (void *)use->info;

	switch (id) {
	case SET_OLD:
		fprintf(stderr, "--set is deprecated, use --match-set\n");
		fallthrough;
	case MATCH_SET:
		if (invert)
			info->match_set.flags |= IPSET_INV_MATCH;
		return parse_set(&info->match_set, use->names[0], "match-set", argv,
				 word);
	case RETURN_NOMATCH:
		if (invert)
			return "--return-nomatch cannot be negated";
		info->flags |= IPSET_FLAG_RETURN_NOMATCH;
		return NULL;
	case UPDATE_COUNTERS:
		if (invert)
			info->flags |= IPSET_FLAG_SKIP_COUNTER_UPDATE;
		return NULL;
	case UPDATE_SUBCOUNTERS:
		if (invert)
			info->flags |= IPSET_FLAG_SKIP_SUBCOUNTER_UPDATE;
		return NULL;
	case PACKETS_EQ:
	case PACKETS_LT:
	case PACKETS_GT:
		return parse_counter(&info->packets, id - PACKETS_EQ, invert,
				     argv[*word - 1]);
	default:
		return parse_counter(&info->bytes, id - BYTES_EQ, invert,
				     argv[*word - 1]);
	}
}

static const char *parse_target(struct set_use *use, int id, bool invert, char **argv,
				int *word)
{
	struct xt_set_info_target_v3 *info = (void *)use->info;
	u64 timeout = 0;
	const char *bad;

	if (invert)
		return "options of SET cannot be negated";
	switch (id) {
	case ADD_SET:
		return parse_set(&info->add_set, use->names[0], "add-set", argv, word);
	case DEL_SET:
		return parse_set(&info->del_set, use->names[1], "del-set", argv, word);
	case MAP_SET:
		return parse_set(&info->map_set, use->names[2], "map-set", argv, word);
	case EXIST:
		info->flags |= IPSET_FLAG_EXIST;
		return NULL;
	case TIMEOUT:
		bad = parse_number(argv[*word - 1], UINT32_MAX - 1, &timeout);
		info->timeout = timeout;
		return bad;
	case MAP_MARK:
		info->flags |= IPSET_FLAG_MAP_SKBMARK;
		return NULL;
	case MAP_PRIO:
		info->flags |= IPSET_FLAG_MAP_SKBPRIO;
		return NULL;
	default:
		info->flags |= IPSET_FLAG_MAP_SKBQUEUE;
		return NULL;
	}
}

const char *set_parse(struct set_use *use, int id, bool invert, char **argv, int *word)
{
	use->seen |= SEEN(id);
	if (use->kind == FWLOAD_IMG_EXT_MATCH)
		return parse_match(use, id, invert, argv, word);
	return parse_target(use, id, invert, argv, word);
}

static const char *check_target(u32 seen)
{
	const u32 maps = SEEN(MAP_MARK) | SEEN(MAP_PRIO) | SEEN(MAP_QUEUE);

	if (!(seen & (SEEN(ADD_SET) | SEEN(DEL_SET) | SEEN(MAP_SET))))
		return "SET needs --add-set, --del-set or --map-set";
	if (seen & (SEEN(EXIST) | SEEN(TIMEOUT)) && !(seen & SEEN(ADD_SET)))
		return "--exist and --timeout go with --add-set only";
	if (seen & maps && !(seen & SEEN(MAP_SET)))
		return "--map-mark, --map-prio and --map-queue go with --map-set only";
	if (seen & SEEN(MAP_SET) && !(seen & maps))
		return "--map-set needs --map-mark, --map-prio or --map-queue";
	return NULL;
}

const char *set_finish(struct set_use *use, struct xt_payload *payload)
{
	bool match = use->kind == FWLOAD_IMG_EXT_MATCH;
	unsigned int i;

	payload->name = match ? "set" : "SET";
	payload->revision = match ? 4 : 3;
	payload->n_sets = match ? 1 : 3;
	payload->data = use->info;
	payload->size = PAYLOAD_ALIGN(match ? sizeof(struct xt_set_info_match_v4) :
					      sizeof(struct xt_set_info_target_v3));
	for (i = 0; i < 3; i++)
		payload->sets[i] = use->names[i];
	if (!match)
		return check_target(use->seen);
	if (!(use->seen & (SEEN(MATCH_SET) | SEEN(SET_OLD))))
		return "set needs --match-set";
	return NULL;
}

static void print_sides(struct text *x, const struct xt_set_info *info)
{
	unsigned int i;

	text_room(x, 8 * IPSET_DIM_MAX);
	for (i = 1; i <= info->dim && i <= IPSET_DIM_MAX; i++) {
		text_char(x, i == 1 ? ' ' : ',');
		if (info->flags & 1 << i)
			text_lit(x, "src");
		else
			text_lit(x, "dst");
	}
}

static void print_counter(struct text *x, const struct ip_set_counter_match *counter,
			  const char *name)
{
	static const char *const suffix[] = {
		[IPSET_COUNTER_EQ] = "-eq ", [IPSET_COUNTER_NE] = "-eq ",
		[IPSET_COUNTER_LT] = "-lt ", [IPSET_COUNTER_GT] = "-gt ",
	};

	if (counter->op == IPSET_COUNTER_NONE || counter->op > IPSET_COUNTER_GT)
		return;
	text_str(x, counter->op == IPSET_COUNTER_NE ? " ! --" : " --");
	text_str(x, name);
	text_str(x, suffix[counter->op]);
	text_room(x, 20);
	text_u64(x, counter->value);
}

static void print_match(struct text *x, const struct xt_payload *payload)
{
	struct xt_set_info_match_v4 info;

	memcpy(&info, payload->data, sizeof(info));
	text_str(x, info.match_set.flags & IPSET_INV_MATCH ? " ! --match-set " :
							     " --match-set ");
	text_word(x, payload->sets[0], strlen(payload->sets[0]));
	print_sides(x, &info.match_set);
	if (info.flags & IPSET_FLAG_RETURN_NOMATCH)
		text_str(x, " --return-nomatch");
	if (info.flags & IPSET_FLAG_SKIP_COUNTER_UPDATE)
		text_str(x, " ! --update-counters");
	if (info.flags & IPSET_FLAG_SKIP_SUBCOUNTER_UPDATE)
		text_str(x, " ! --update-subcounters");
	print_counter(x, &info.packets, "packets");
	print_counter(x, &info.bytes, "bytes");
}

static void print_set(struct text *x, const char *option, const char *name,
		      const struct xt_set_info *info)
{
	if (!*name)
		return;
	text_str(x, option);
	text_word(x, name, strlen(name));
	print_sides(x, info);
}

static void print_target(struct text *x, const struct xt_payload *payload)
{
	struct xt_set_info_target_v3 info;

	memcpy(&info, payload->data, sizeof(info));
	print_set(x, " --add-set ", payload->sets[0], &info.add_set);
	if (info.flags & IPSET_FLAG_EXIST)
		text_str(x, " --exist");
	if (info.timeout != UINT32_MAX) {
		text_str(x, " --timeout ");
		text_room(x, 20);
		text_u64(x, info.timeout);
	}
	print_set(x, " --del-set ", payload->sets[1], &info.del_set);
	print_set(x, " --map-set ", payload->sets[2], &info.map_set);
	if (info.flags & IPSET_FLAG_MAP_SKBMARK)
		text_str(x, " --map-mark");
	if (info.flags & IPSET_FLAG_MAP_SKBPRIO)
		text_str(x, " --map-prio");
	if (info.flags & IPSET_FLAG_MAP_SKBQUEUE)
		text_str(x, " --map-queue");
}

bool set_print(u8 kind, const struct xt_payload *payload, struct buf *out)
{
	struct text x = { .buf = out };
	bool match = kind == FWLOAD_IMG_EXT_MATCH;

	if (payload->revision != (match ? 4 : 3) || payload->n_sets != (match ? 1 : 3))
		return false;
	if (payload->size != PAYLOAD_ALIGN(match ? sizeof(struct xt_set_info_match_v4) :
						   sizeof(struct xt_set_info_target_v3)))
		return false;
	text_str(&x, match ? " -m set" : " -j SET");
	if (match)
		print_match(&x, payload);
	else
		print_target(&x, payload);
	text_sync(&x);
	return true;
}

bool set_list(u8 kind, const struct xt_payload *payload, struct buf *out)
{
	struct buf saved = { 0 };
	const char *p, *end;

	if (!set_print(kind, payload, &saved)) {
		buf_free(&saved);
		return false;
	}
	/* Behind " -m set" or " -j SET". */
	p = (const char *)saved.data + 7;
	end = (const char *)saved.data + saved.size;
	while (p < end) {
		const char *blank = memchr(p + 1, ' ', (size_t)(end - p - 1));
		const char *next = blank ? blank : end;

		buf_add(out, p, 1);
		p++;
		if (next - p > 2 && !memcmp(p, "--", 2))
			p += 2;
		buf_add(out, p, (size_t)(next - p));
		p = next;
	}
	buf_free(&saved);
	return true;
}
