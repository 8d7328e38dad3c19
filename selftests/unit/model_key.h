/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FWLOAD_MODEL_KEY_H
#define FWLOAD_MODEL_KEY_H

#include "../../kmod/match.h"
#include "model.h"

/*
 * The packet key of @p, as packet.c makes it of an skb. It refers to @p, and to memory that the
 * next call overwrites.
 */
void model_key(struct fwload_pkt *pkt, struct model_packet *p);

#endif /* FWLOAD_MODEL_KEY_H */
