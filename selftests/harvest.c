// SPDX-License-Identifier: GPL-2.0
/*
 * Usage: harvest
 *
 * Reads all counters and sets them to zero in one step, again and again until SIGTERM comes.
 * Prints then how often it did and what the first rule of FORWARD in the table filter of IPv4
 * had counted, in all answers together:
 *
 *	reads N packets N
 */
#include <signal.h>
#include <stdio.h>

#include "../user/genl.h"

static volatile sig_atomic_t ended;

static void end(int sig)
{
	(void)sig;
	ended = 1;
}

int main(void)
{
	struct sigaction sa = { .sa_handler = end, .sa_flags = SA_RESTART };
	u64 reads = 0, packets = 0;
	struct genl_error error;
	struct genl *genl = genl_open(&error);

	sigaction(SIGTERM, &sa, NULL);
	while (genl && !ended) {
		struct ruleset *rs = genl_fetch(genl, &genl_all, FWLOAD_GET_IMAGE_ZERO, &error);
		const struct fwload_counter_pair *counters;
		struct table *t;
		struct chain *c;

		if (!rs)
			break;
		t = &rs->tables[FWLOAD_FAMILY_IPV4][FWLOAD_TABLE_FILTER];
		c = table_find(t, "FORWARD", 7);
		if (c && c->n_rules) {
			counters = (const void *)c->counters.data;
			packets += counters[0].packets;
		}
		ruleset_free(rs);
		reads++;
	}
	if (!ended) {
		fprintf(stderr, "harvest: %s\n", error.reason);
		return 1;
	}
	printf("reads %llu packets %llu\n", (unsigned long long)reads, (unsigned long long)packets);
	return 0;
}
