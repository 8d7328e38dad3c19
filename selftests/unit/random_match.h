/* SPDX-License-Identifier: GPL-2.0 */
/* Random packets and rules for test_match.c, and rules as elements of an image. */
#ifndef FWLOAD_RANDOM_MATCH_H
#define FWLOAD_RANDOM_MATCH_H

#include "model.h"

#define RANDOM_MAX_RULE		512

/* Uniform in 0 to n - 1. */
unsigned int random_below(unsigned int n);
void random_seed(uint64_t seed);

/*
 * Values come from small pools that packets and rules share, so that both sides of
 * every test are met. Packets may be fragments, truncated anywhere behind the IP
 * header, and have extension headers.
 */
void random_packet(struct model_packet *p);

/* A rule with one match of @kind, or none and up to three of any kind if it is -1. */
void random_rule(struct model_rule *r, bool ipv6, int kind);

/* Make of @r another rule of its form: addresses differ, sometimes prefixes or directions. */
void random_sibling(struct model_rule *r);

/* Write @r as an image has it to @buf, aligned to 8 and zeroed. Returns its bytes. */
unsigned int random_encode(const struct model_rule *r, uint8_t *buf);

#endif /* FWLOAD_RANDOM_MATCH_H */
