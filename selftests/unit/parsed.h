/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Text on its way through the parser, for tests: what came of it, and what was said.
 */
#ifndef FWLOAD_PARSED_H
#define FWLOAD_PARSED_H

#include "../../user/parse.h"

/**
 * struct parsed - what parse_text() made of a text
 * @rs: the rule set
 * @ok: there was no error
 * @said: errors and warnings as the user sees them
 */
struct parsed {
	struct ruleset *rs;
	bool ok;
	char *said;
};

static inline struct parsed parse_bytes(u8 family, const char *text, size_t size)
{
	struct parsed p = { .rs = ruleset_new() };
	struct diag d = { .file = "rules", .text = text, .size = size };
	size_t said;

	d.out = open_memstream(&p.said, &said);
	p.ok = parse_text(p.rs, family, text, size, &d);
	fclose(d.out);
	return p;
}

static inline struct parsed parse_string(u8 family, const char *text)
{
	return parse_bytes(family, text, strlen(text));
}

static inline void parsed_free(struct parsed *p)
{
	ruleset_free(p->rs);
	free(p->said);
}

/* A chain of the IPv4 table, or NULL. */
static inline struct chain *parsed_chain(const struct parsed *p, u8 table, const char *name)
{
	return table_find(&p->rs->tables[FWLOAD_FAMILY_IPV4][table], name, strlen(name));
}

/* Bytes as "01 ff", a blank between units of 8 bytes. In static memory. */
static inline const char *parsed_hex(const struct buf *b)
{
	static char hex[4096];
	size_t n = 0;

	hex[0] = '\0';
	for (size_t i = 0; i < b->size && n + 4 < sizeof(hex); i++)
		n += (size_t)sprintf(hex + n, "%s%02x", i && i % 8 == 0 ? " " : "",
				     b->data[i]);
	return hex;
}

#endif /* FWLOAD_PARSED_H */
