/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FWIMG_SET_H
#define FWIMG_SET_H

#include "xt.h"

#define SET_NAME_MAX	31	/* bytes, as in IPSET_MAXNAMELEN */

/**
 * struct set_use - a -m set or -j SET that is being parsed
 * @kind: enum fwload_img_ext_kind
 * @seen: options given, a bit each
 * @names: of the sets; "" for none
 * @info: struct xt_set_info_match_v4 or xt_set_info_target_v3
 */
struct set_use {
	u8 kind;
	u32 seen;
	char names[3][SET_NAME_MAX + 1];
	u64 info[8];
};

void set_begin(struct set_use *use, u8 kind);
const struct xt_option *set_options(u8 kind);
/* As xt_parse() and xt_finish(). Warnings go to stderr, as libxtables' do. */
const char *set_parse(struct set_use *use, int id, bool invert, char **argv, int *word);
const char *set_finish(struct set_use *use, struct xt_payload *payload);
/* As xt_print(). */
bool set_print(u8 kind, const struct xt_payload *payload, struct buf *out);

/* As xt_list(): what it prints for -L is what it saves, without dashes. */
bool set_list(u8 kind, const struct xt_payload *payload, struct buf *out);

#endif /* FWIMG_SET_H */
