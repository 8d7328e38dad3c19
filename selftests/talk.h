/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FWLOAD_TALK_H
#define FWLOAD_TALK_H

#include <libmnl/libmnl.h>

#include "../uapi/linux/fwload.h"

/*
 * Messages to the family that the tool does not send. One socket for all of them; what
 * goes wrong on this side ends the test.
 */

/* Find the family. */
void talk_open(void);

/* A message of the family in @room, to put attributes into. */
struct nlmsghdr *talk_request(char *room, __u8 cmd, __u16 flags);

/* Send it, and do not wait for the answer. */
void talk_send(const struct nlmsghdr *nlh);

/* Give @take what is answered, until the end. Returns 0 or -errno. */
int talk_receive(mnl_cb_t take, void *arg);

/*
 * ZERO in table filter of IPv4; @chain NULL for all of it, @rule FWLOAD_NO_PLACE for all of
 * the chain. Returns 0 or -errno.
 */
int talk_zero(const char *chain, __u32 rule);

struct event {
	__u32 generation;
	__u8 cause;
	unsigned int n_tables;
};

/* A socket that hears the events. */
struct mnl_socket *talk_listen(void);

/* The next event. */
struct event talk_event(struct mnl_socket *socket);

/* End the test. */
void die(const char *what);

#endif /* FWLOAD_TALK_H */
