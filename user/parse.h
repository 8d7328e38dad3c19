/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FWIMG_PARSE_H
#define FWIMG_PARSE_H

#include "diag.h"
#include "ruleset.h"

/*
 * Parse iptables-save text into the tables of @family of @rs. @text needs no final NUL
 * and may hold anything, no table at all included. A table that is there already loses
 * its rules and user chains. Reports up to DIAG_MAX_ERRORS errors through @d. Returns
 * true when there was none; else @rs is good for ruleset_free() only.
 */
bool parse_text(struct ruleset *rs, u8 family, const char *text, size_t size,
		struct diag *d);

#endif /* FWIMG_PARSE_H */
