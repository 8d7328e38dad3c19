/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FWIMG_FETCH_H
#define FWIMG_FETCH_H

#include "attr.h"
#include "ruleset.h"

/* A rule set on its way up, in pieces. */
struct fetch;

/*
 * @flags: FWLOAD_GET_IMAGE_*; chains that come without bodies are kept ones. @single: a chain
 * was asked for, so that refs may lead to chains that do not come. NULL when there is no
 * memory.
 */
struct fetch *fetch_new(u32 flags, bool single);
/*
 * Take the attributes of the next message of GET_IMAGE (see attr_parse()); the message
 * may go afterwards. Returns false when it does not follow from those before.
 */
bool fetch_message(struct fetch *f, const struct nlattr **tb);
/*
 * The rule set, the caller's from now on, or NULL when a message was refused or the last
 * chain is not complete. Frees @f.
 */
struct ruleset *fetch_end(struct fetch *f);

#endif /* FWIMG_FETCH_H */
