// SPDX-License-Identifier: GPL-2.0
/*
 * Names of hosts: see hosts.h.
 */
#include <netdb.h>
#include <netinet/in.h>
#include <nss.h>

#include "hosts.h"

static bool dns, begun;

void hosts_ask_dns(void)
{
	dns = true;
}

void hosts_begin(void)
{
	if (!dns && !begun) {
		__nss_configure_lookup("hosts", "files");
		__nss_configure_lookup("networks", "files");
	}
	begun = true;
}

const char *hosts_hint(void)
{
	return dns ? "" : "; --resolve-names asks more than /etc/hosts";
}

static const void *address_of(const struct sockaddr *sa)
{
	if (sa->sa_family == AF_INET)
		return &((const struct sockaddr_in *)sa)->sin_addr;
	return &((const struct sockaddr_in6 *)sa)->sin6_addr;
}

const char *hosts_find(u8 family, const char *name, size_t len, struct buf *addrs)
{
	const struct addrinfo hints = {
		.ai_family = family == FWLOAD_FAMILY_IPV4 ? AF_INET : AF_INET6,
		.ai_socktype = SOCK_STREAM,
	};
	struct addrinfo *found;
	char host[NI_MAXHOST];
	int err;

	if (!len || len >= sizeof(host))
		return gai_strerror(EAI_NONAME);
	memcpy(host, name, len);
	host[len] = '\0';
	hosts_begin();
	err = getaddrinfo(host, NULL, &hints, &found);
	if (err)
		return gai_strerror(err);
	for (const struct addrinfo *i = found; i; i = i->ai_next)
		memcpy(buf_add(addrs, NULL, 16), address_of(i->ai_addr),
		       family == FWLOAD_FAMILY_IPV4 ? 4 : 16);
	freeaddrinfo(found);
	return NULL;
}
