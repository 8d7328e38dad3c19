/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Names of hosts where an address is due.
 *
 * A firewall at boot must not wait for a name server that it is to let through first. So
 * names are looked up in /etc/hosts, by us and by the extensions of libxtables, and nowhere
 * else before hosts_ask_dns().
 */
#ifndef FWIMG_HOSTS_H
#define FWIMG_HOSTS_H

#include "ruleset.h"

/* --resolve-names: whatever the system asks for names is asked. Before the first look-up. */
void hosts_ask_dns(void);
/* To be called before anybody looks a name up. */
void hosts_begin(void);

/*
 * The addresses of @family of the host: 16 bytes each (IPv4: in the first 4, then zeros) at
 * the end of @addrs. Returns NULL, or why there are none.
 */
const char *hosts_find(u8 family, const char *name, size_t len, struct buf *addrs);

/* What to do about a name that was not found, or "". */
const char *hosts_hint(void);

#endif /* FWIMG_HOSTS_H */
