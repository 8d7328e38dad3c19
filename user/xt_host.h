/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FWIMG_XT_HOST_H
#define FWIMG_XT_HOST_H

#include <xtables.h>

#include "xt.h"

#define XT_HOST_NEWEST	(-1)

/* Exported by libxtables, but in none of its headers. */
extern struct xtables_match *xtables_pending_matches;
extern struct xtables_target *xtables_pending_targets;

/**
 * struct xt_ext - an extension that libxtables has, or has not
 * @next: in the bucket
 * @kind: enum fwload_img_ext_kind
 * @revision: asked for, or XT_HOST_NEWEST
 * @match: of a match; NULL: there is none
 * @target: of a target; likewise
 * @options: its options, ended by a NULL name
 * @name: asked for
 */
struct xt_ext {
	struct xt_ext *next;
	u8 kind;
	int revision;
	const struct xtables_match *match;
	const struct xtables_target *target;
	struct xt_option *options;
	char name[XT_EXTENSION_MAXNAMELEN];
};

/* Get libxtables ready for @family. What was found for another family is gone. */
void xt_host_family(u8 family);

/*
 * An extension for that family, its library loaded. Returns NULL when there is none, and
 * *@said is what libxtables has to say about it or NULL. Both are valid until
 * xt_host_family().
 */
const struct xt_ext *xt_host_find(u8 kind, const char *name, int revision,
				  const char **said);

/*
 * Run @run(@arg) inside of libxtables: what it writes to stdout is appended to @out (NULL:
 * thrown away), what it writes to stderr is kept. Returns NULL, or the error when
 * libxtables gave up (valid until the next call).
 */
const char *xt_host_enter(void (*run)(void *arg), void *arg, struct buf *out);

/* Has to be called from @run: gives up with an error. */
void xt_host_fail(const char *reason) __attribute__((noreturn));

/* As if libxtables had written it to stderr. */
void xt_host_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* What was written to stderr since the last call, on one line; NULL: nothing. */
const char *xt_host_said(void);

#endif /* FWIMG_XT_HOST_H */
