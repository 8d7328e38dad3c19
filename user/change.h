/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FWIMG_CHANGE_H
#define FWIMG_CHANGE_H

#include "live.h"

enum change_result {
	CHANGE_DONE,
	CHANGE_AGAIN,		/* another client was first: begin anew */
	CHANGE_REFUSED,
};

/**
 * struct change_error - why a change was refused
 * @errnum: positive errno
 * @reason: in one line
 * @chain: the chain that is to blame, or NULL
 * @line: its rule's line in the text, or 0
 */
struct change_error {
	int errnum;
	char reason[512];
	const struct chain *chain;
	u32 line;
};

/*
 * Put @rs into force, whose tables may build on what @live has read; with @test all of it but
 * the change. Nothing is sent when nothing is changed. On CHANGE_REFUSED fills @err; on
 * CHANGE_DONE err->reason has the kernel's warning, or is empty.
 */
enum change_result change_commit(struct live *live, struct ruleset *rs, bool test,
				 struct change_error *err);

#endif /* FWIMG_CHANGE_H */
