/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The commands of iptables, by their names: iptables, iptables-restore, iptables-save, and
 * those of ip6tables. What they print and how they end is that of iptables 1.8.9.
 */
#ifndef FWIMG_LEGACY_H
#define FWIMG_LEGACY_H

#include "live.h"

#define LEGACY_VERSION	"1.8.9"

/* The statuses that iptables ends with. */
#define LEGACY_OK		0
#define LEGACY_FAILED		1	/* what is asked for cannot be done */
#define LEGACY_PARAMETER	2	/* it makes no sense */
#define LEGACY_VERSION_PROBLEM	3	/* the kernel has no such table */
#define LEGACY_RESOURCE		4	/* try again */

/**
 * struct legacy - a command that is called by its name
 * @program: "iptables", "iptables-restore" or "iptables-save", or with ip6
 * @family: enum fwload_family
 * @run: runs it; returns the exit status
 */
struct legacy {
	const char *program;
	u8 family;
	int (*run)(const struct legacy *l, int argc, char **argv);
};

/* The command called @path, or with fwimg's first word: NULL: none. */
const struct legacy *legacy_find(const char *path);

int legacy_restore(const struct legacy *l, int argc, char **argv);
int legacy_save(const struct legacy *l, int argc, char **argv);
int legacy_iptables(const struct legacy *l, int argc, char **argv);

/*
 * What several of the commands say, in iptables' words: the version; that -b, which they have
 * always taken, does nothing; that there is a word too many. Those that end it return its status.
 */
int legacy_version(const struct legacy *l);
void legacy_binary(void);
int legacy_too_many(void);

/* What iptables says when the kernel cannot be asked, for @err. */
const char *legacy_init_reason(const struct genl_error *err);

#endif /* FWIMG_LEGACY_H */
