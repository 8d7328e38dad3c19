/* SPDX-License-Identifier: GPL-2.0 */
/*
 * libxtables, for the extensions that fwimg does not know itself.
 *
 * libxtables ends the process on errors and keeps its state in globals. Here it is
 * entered through these few calls only; its exit_err longjmps back.
 * Not thread-safe.
 */
#ifndef FWIMG_XT_H
#define FWIMG_XT_H

#include <getopt.h>

#include "ruleset.h"

struct xt_use;		/* a match or a target in the rule being parsed */

/**
 * struct xt_option - an option that an extension in use accepts
 * @name: without the dashes
 * @has_arg: as in struct option
 * @id: what xt_parse() is to be given
 */
struct xt_option {
	const char *name;
	int has_arg;
	int id;
};

/* A new rule begins: forget all that is in use. @proto is 0 or that of -p, which some
 * extensions ask for (and @proto_inverted); callable again when -p comes later. */
void xt_rule_begin(u8 family);
void xt_rule_proto(u8 proto, bool inverted);

/*
 * Take match or target @name into use. Returns NULL and *@error (valid until the next
 * call) when there is none.
 */
struct xt_use *xt_use(u8 kind, const char *name, const char **error);
/* Its options, ended by a NULL name. */
const struct xt_option *xt_options(struct xt_use *use);
/*
 * An option: argv[*optind - 1] is its argument, if it has one. Extensions of the old kind
 * take further words from argv and move *@optind. Returns NULL or the error.
 */
const char *xt_parse(struct xt_use *use, int id, bool invert, char **argv, int argc,
		     int *optind);
/* All options were given: final checks, payload. Returns NULL or the error. */
const char *xt_finish(struct xt_use *use, const char **kernel_name, u8 *revision,
		      const void **payload, u32 *size);

/* Append what iptables-save prints for the payload: " -m name ..." or " -j name ...".
 * An extension that libxtables lacks is printed as a comment-safe error: false. */
bool xt_print(u8 family, u8 proto, const char *name, u8 revision, u8 kind, bool is_goto,
	      const void *payload, u32 size, struct buf *out);

#endif /* FWIMG_XT_H */
