/* SPDX-License-Identifier: GPL-2.0 */
/*
 * x_tables extensions that fwimg does not know itself: parsed and printed by
 * libxtables, "set" and "SET" by set.c.
 *
 * libxtables ends the process on errors and keeps its state in globals. Here it is
 * entered through these few calls only; its exit_err longjmps back.
 * Not thread-safe.
 */
#ifndef FWIMG_XT_H
#define FWIMG_XT_H

#include "ruleset.h"

#define XT_NAME_MAX	28	/* bytes of an extension's name, without the NUL */

struct xt_use;		/* a match or a target in the rule being parsed */

/**
 * struct xt_option - an option that an extension in use accepts
 * @name: without the dashes
 * @has_arg: 0: none, 1: takes an argument (no_argument, required_argument)
 * @id: what xt_parse() is to be given
 */
struct xt_option {
	const char *name;
	int has_arg;
	int id;
};

/**
 * struct xt_payload - what an extension puts into the image
 * @name: its name in the kernel, which an alias may differ from: "conntrack" for
 *	-m state, "CT" for -j NOTRACK
 * @revision: its revision
 * @n_sets: names in @sets
 * @data: the payload, @size bytes
 * @size: XT_ALIGN(matchsize) or XT_ALIGN(targetsize)
 * @sets: the ip sets that it refers to, as in struct fwload_img_ext: for "set" the
 *	one, for "SET" those to add to, delete from and map by, "" for none
 */
struct xt_payload {
	const char *name;
	u8 revision;
	u8 n_sets;
	const void *data;
	u32 size;
	const char *sets[3];
};

/* A new rule begins: forget all that is in use. */
void xt_rule_begin(u8 family);
/* -p was given. Some extensions ask for it (multiport, SNAT), so call it in its place. */
void xt_rule_proto(u8 proto, bool inverted);

/*
 * Take match or target @name (enum fwload_img_ext_kind) into use. Returns NULL and
 * *@error (valid until the next call) when there is none. A match may be used more
 * than once in a rule; each use has its own payload. Looks for a file the first time
 * a name is asked for, so ask whether a target is a chain before.
 */
struct xt_use *xt_use(u8 kind, const char *name, const char **error);
/* Its options, ended by a NULL name. */
const struct xt_option *xt_options(const struct xt_use *use);
/*
 * An option: argv[*word - 1] is its argument, if it has one; argv ends in a NULL.
 * Extensions of the old kind take further words from argv and move *@word. Returns
 * NULL or the error.
 */
const char *xt_parse(struct xt_use *use, int id, bool invert, char **argv, int *word);
/* All options were given: final checks, payload (valid until xt_rule_begin()). Returns
 * NULL or the error.
 */
const char *xt_finish(struct xt_use *use, struct xt_payload *payload);
/* What libxtables warned of since the last call, on one line; NULL: nothing. */
const char *xt_warning(void);

/*
 * Append what iptables-save prints for the payload: " -m name ..." or " -j name ...".
 * @proto: of the rule's -p, or 0. False, and nothing appended, when libxtables has no such
 * extension of this revision and size.
 */
bool xt_print(u8 family, u8 proto, u8 kind, const struct xt_payload *payload,
	      struct buf *out);

/*
 * Append what iptables -L prints for the payload: " tcp dpt:80". Otherwise as xt_print();
 * @numeric: -n was given. What would ask the resolver is printed as with -n.
 */
bool xt_list(u8 family, u8 proto, u8 kind, const struct xt_payload *payload, bool numeric,
	     struct buf *out);

/* Append what libxtables says of the extension when it is asked for help, if it has it. */
void xt_help(u8 family, u8 kind, const char *name, struct buf *out);

#endif /* FWIMG_XT_H */
