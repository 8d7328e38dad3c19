// SPDX-License-Identifier: GPL-2.0
/*
 * The text compiler on arbitrary text: it neither crashes nor hangs, nor takes memory
 * out of proportion (the fuzzer's own limits see to that). What it accepts becomes an image
 * that the validator accepts and packets walk through, and printed it is a fixed point:
 * compiled again it is the same image, and prints the same again.
 *
 * The first byte of the input chooses the family: IPv6 when it is a 6. Extensions are those
 * of libxtables, which would ask the network for the names of hosts: here nobody answers.
 */
#include <dlfcn.h>
#include <netdb.h>
#include <stdio.h>

#include "../../user/decode.h"
#include "../../user/emit.h"
#include "../../user/parse.h"
#include "../../user/print.h"
#include "../../user/restate.h"
#include "walk.h"

/* What libxtables and its extensions leave behind when they give up is theirs. */
const char *__lsan_default_suppressions(void);

const char *__lsan_default_suppressions(void)
{
	return "leak:libxtables.so\nleak:libxt_\nleak:libipt_\nleak:libip6t_\nleak:libebt_";
}

/* Numbers are read and printed as ever. */
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
		struct addrinfo **result)
{
	static int (*next)(const char *node, const char *service,
			   const struct addrinfo *hints, struct addrinfo **result);
	struct addrinfo numeric = { 0 };

	if (!next)
		*(void **)&next = dlsym(RTLD_NEXT, "getaddrinfo");
	if (hints)
		numeric = *hints;
	numeric.ai_flags |= AI_NUMERICHOST;
	return next(node, service, &numeric, result);
}

int getnameinfo(const struct sockaddr *addr, socklen_t addrlen, char *host,
		socklen_t hostlen, char *service, socklen_t servicelen, int flags)
{
	static int (*next)(const struct sockaddr *addr, socklen_t addrlen, char *host,
			   socklen_t hostlen, char *service, socklen_t servicelen, int flags);

	if (!next)
		*(void **)&next = dlsym(RTLD_NEXT, "getnameinfo");
	return next(addr, addrlen, host, hostlen, service, servicelen,
		    flags | NI_NUMERICHOST);
}

/* @said: what the user would be told, from malloc(); @variables: there are some. */
static struct ruleset *parse(u8 family, const char *text, size_t size, bool variables,
			     char **said)
{
	struct vars vars = { 0 };
	struct parse_job job = {
		.rs = ruleset_new(),
		.family = family,
		.vars = variables ? &vars : NULL,
	};
	struct diag d = { .file = "fuzz", .text = text, .size = size };
	size_t length;
	bool ok;

	d.out = open_memstream(said, &length);
	ok = parse_run(&job, text, size, &d);
	fclose(d.out);
	vars_free(&vars);
	if (ok)
		return job.rs;
	ruleset_free(job.rs);
	return NULL;
}

static bool has_tables(const struct ruleset *rs, u8 family)
{
	u8 i;

	for (i = 0; i < __FWLOAD_TABLE_MAX; i++)
		if (rs->tables[family][i].present)
			return true;
	return false;
}

static bool has_extensions(const struct ruleset *rs, u8 family)
{
	u8 i;
	u32 j;

	for (i = 0; i < __FWLOAD_TABLE_MAX; i++)
		for (j = 0; j < rs->tables[family][i].n_chains; j++)
			if (rs->tables[family][i].chains[j]->exts.size)
				return true;
	return false;
}

/* Returns whether it could be: some loops of chains and the like are for the emitter. */
static bool emit(struct ruleset *rs, struct buf *image)
{
	return !emit_image(rs, false, image);
}

static void print(struct ruleset *rs, u8 family, bool variables, struct buf *text)
{
	struct print_how how = { .restate = variables ? restate_begin(rs, family) : NULL };
	struct buf tables = { 0 };
	u8 i;

	for (i = 0; i < __FWLOAD_TABLE_MAX; i++)
		if (rs->tables[family][i].present &&
		    print_table(&rs->tables[family][i], &how, &tables))
			FUZZ_FAIL("what was compiled cannot be printed");
	if (how.restate)
		restate_defines(how.restate, text);
	restate_end(how.restate);
	buf_add(text, tables.data, tables.size);
	buf_free(&tables);
}

static bool same(const struct buf *a, const struct buf *b)
{
	return a->size == b->size && !memcmp(a->data, b->data, a->size);
}

/* The text that @image prints as, and with @written also with its variables. */
static void decode_and_print(const struct buf *image, u8 family, struct buf *text,
			     struct buf *written)
{
	struct fwload_image_error err;
	struct fwload_image img;
	struct ruleset *rs;

	if (fwload_image_check(image->data, image->size, &img, &err))
		FUZZ_FAIL("the image is refused: %s", err.reason);
	fuzz_walk_image(image->data, &img, xxh64(image->data, image->size, 0));
	rs = decode_image(image->data, &img);
	print(rs, family, false, text);
	if (written)
		print(rs, family, true, written);
	ruleset_free(rs);
}

/*
 * libxtables may leave bytes in a payload that do not matter (recent's mask has those of IPv6
 * when it is not given), so that only images without extensions are the same to the bit.
 */
static void fixed_point(const struct buf *image, u8 family, bool native)
{
	struct buf first = { 0 }, second = { 0 }, again = { 0 };
	struct ruleset *rs;
	char *said;

	decode_and_print(image, family, &first, NULL);
	rs = parse(family, (char *)first.data, first.size, false, &said);
	if (!rs)
		FUZZ_FAIL("what was printed cannot be compiled: %s", said);
	free(said);
	if (!emit(rs, &again))
		FUZZ_FAIL("what was printed is no image");
	decode_and_print(&again, family, &second, NULL);
	if (!same(&first, &second))
		FUZZ_FAIL("the text differs:\n%.*s\n---\n%.*s", (int)first.size,
			  (char *)first.data, (int)second.size, (char *)second.data);
	if (native && !same(image, &again))
		FUZZ_FAIL("the image differs of:\n%.*s", (int)first.size, (char *)first.data);
	ruleset_free(rs);
	buf_free(&first);
	buf_free(&second);
	buf_free(&again);
}

/*
 * Likewise with variables: the text that has them loads again, as the same rules, and then is
 * the same text.
 */
static void fixed_point_of_variables(const struct buf *image, u8 family, bool native)
{
	struct buf first = { 0 }, second = { 0 }, again = { 0 };
	struct buf written[2] = { { 0 }, { 0 } };
	struct ruleset *rs;
	char *said;

	decode_and_print(image, family, &first, &written[0]);
	rs = parse(family, (char *)written[0].data, written[0].size, true, &said);
	if (!rs)
		FUZZ_FAIL("what was printed cannot be compiled: %s", said);
	free(said);
	if (!emit(rs, &again))
		FUZZ_FAIL("what was printed is no image");
	decode_and_print(&again, family, &second, &written[1]);
	if (!same(&first, &second) || (native && !same(&written[0], &written[1])))
		FUZZ_FAIL("with variables the text differs:\n%.*s\n---\n%.*s",
			  (int)written[0].size, (char *)written[0].data,
			  (int)written[1].size, (char *)written[1].data);
	ruleset_free(rs);
	buf_free(&first);
	buf_free(&second);
	buf_free(&again);
	buf_free(&written[0]);
	buf_free(&written[1]);
}

static void run(u8 family, const char *text, size_t size, bool variables,
		void (*check)(const struct buf *image, u8 family, bool native))
{
	struct buf image = { 0 };
	struct ruleset *rs;
	char *said;

	rs = parse(family, text, size, variables, &said);
	free(said);
	if (rs && has_tables(rs, family) && emit(rs, &image))
		check(&image, family, !has_extensions(rs, family));
	ruleset_free(rs);
	buf_free(&image);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	char *text;
	u8 family;

	if (!size)
		return 0;
	family = data[0] == '6' ? FWLOAD_FAMILY_IPV6 : FWLOAD_FAMILY_IPV4;
	/* Alone in its memory: there is no NUL at its end. */
	text = malloc(size - 1);
	memcpy(text, data + 1, size - 1);
	run(family, text, size - 1, false, fixed_point);
	run(family, text, size - 1, true, fixed_point_of_variables);
	free(text);
	return 0;
}
