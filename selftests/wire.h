/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FWLOAD_WIRE_H
#define FWLOAD_WIRE_H

#include <linux/fwload.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Messages to the family as bare bytes, for tests that send what no library would, and that
 * must not do anything else in between: no function here allocates memory or prints.
 */

#define WIRE_ROOM	(128 * 1024)

/**
 * struct wire - a message that is being put together
 * @size: bytes of it
 * @data: the message; what is behind @size is undefined
 */
struct wire {
	uint32_t size;
	unsigned char data[WIRE_ROOM] __attribute__((__aligned__(8)));
};

/* A new socket, bound; or -errno. */
int wire_open(void);
/* The number of the family, or -errno; 0 when the module is not there. */
int wire_family(int fd);

/* Begin a message to @family, numbered @seq; @flags: NLM_F_*, without NLM_F_REQUEST. */
void wire_begin(struct wire *w, uint16_t family, uint8_t cmd, uint16_t flags, uint32_t seq);
/* An attribute with the @size bytes at @value. */
void wire_put(struct wire *w, uint16_t type, const void *value, uint32_t size);
void wire_put_u8(struct wire *w, uint16_t type, uint8_t value);
void wire_put_u32(struct wire *w, uint16_t type, uint32_t value);
void wire_put_u64(struct wire *w, uint16_t type, uint64_t value);

/* Send it: 0 or -errno. */
int wire_send(int fd, struct wire *w);

/**
 * struct wire_answer - what came back
 * @error: of the last NLMSG_ERROR or NLMSG_DONE: 0 or -errno; -EIO for what makes no sense
 * @lost: errno of recv(): the answer is not known; 0 when it is
 * @hash: of the attributes of all other messages
 * @generation: the last GENERATION
 * @rules: sum of all N_RULES of tables
 */
struct wire_answer {
	int error;
	int lost;
	uint64_t hash;
	uint32_t generation;
	uint64_t rules;
};

/* Receive all that answers message @seq, up to its end. */
void wire_receive(int fd, uint32_t seq, struct wire_answer *answer);

#endif /* FWLOAD_WIRE_H */
