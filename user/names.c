// SPDX-License-Identifier: GPL-2.0
/*
 * Names for numbers, as libxtables of iptables 1.8.9 has them.
 *
 * /etc/protocols and /etc/services are asked through the C library, so that
 * nsswitch.conf holds; what it said is kept, since a rule set asks the same question
 * a hundred thousand times.
 */
/* netinet/in.h has to come before what includes linux/in.h */
#include <netinet/in.h>
#include <netdb.h>
#include <linux/if_packet.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/xt_conntrack.h>
#include <stdio.h>
#include <strings.h>

#include "names.h"

#define SERVICE_MAX	40	/* bytes of a service's name, NUL included */
#define PROTOCOL_MAX	40
#define CACHE_SIZE	256	/* services kept; a power of two */

const struct name_value names_tcp_flags[NAMES_TCP_FLAGS] = {
	{ "FIN", 0x01 },
	{ "SYN", 0x02 },
	{ "RST", 0x04 },
	{ "PSH", 0x08 },
	{ "ACK", 0x10 },
	{ "URG", 0x20 },
	{ "ALL", 0x3f },
	{ "NONE", 0 },
};

const struct name_value names_states[NAMES_STATES] = {
	{ "INVALID", XT_CONNTRACK_STATE_INVALID },
	{ "NEW", XT_CONNTRACK_STATE_BIT(IP_CT_NEW) },
	{ "RELATED", XT_CONNTRACK_STATE_BIT(IP_CT_RELATED) },
	{ "ESTABLISHED", XT_CONNTRACK_STATE_BIT(IP_CT_ESTABLISHED) },
	{ "UNTRACKED", XT_CONNTRACK_STATE_UNTRACKED },
	{ "SNAT", XT_CONNTRACK_STATE_SNAT },
	{ "DNAT", XT_CONNTRACK_STATE_DNAT },
};

const struct name_value names_pkttypes[NAMES_PKTTYPES] = {
	{ "unicast", PACKET_HOST },
	{ "broadcast", PACKET_BROADCAST },
	{ "multicast", PACKET_MULTICAST },
	{ "otherhost", PACKET_OTHERHOST },
	{ "bcast", PACKET_BROADCAST },
	{ "mcast", PACKET_MULTICAST },
	{ "host", PACKET_HOST },
};

const char *const names_matches[] = {
	"addrtype", "ah", "bpf", "cgroup", "cluster", "comment", "connbytes",
	"connlabel", "connlimit", "connmark", "conntrack", "cpu", "dccp", "devgroup",
	"dscp", "dst", "ecn", "esp", "eui64", "frag", "hashlimit", "hbh", "helper", "hl",
	"icmp", "icmp6", "ipcomp", "iprange", "ipv6header", "ipvs", "length", "limit",
	"mac", "mark", "mh", "multiport", "nfacct", "osf", "owner", "physdev", "pkttype",
	"policy", "quota", "rateest", "realm", "recent", "rpfilter", "rt", "sctp", "set",
	"socket", "srh", "state", "statistic", "string", "tcp", "tcpmss", "time", "tos",
	"ttl", "u32", "udp",
};

const size_t names_n_matches = ARRAY_SIZE(names_matches);

const char *const names_targets[] = {
	"ACCEPT", "DROP", "RETURN", "QUEUE", "AUDIT", "CHECKSUM", "CLASSIFY",
	"CLUSTERIP", "CONNMARK", "CONNSECMARK", "CT", "DNAT", "DNPT", "DSCP", "ECN", "HL",
	"HMARK", "IDLETIMER", "LED", "LOG", "MARK", "MASQUERADE", "NETMAP", "NFLOG",
	"NFQUEUE", "NOTRACK", "RATEEST", "REDIRECT", "REJECT", "SECMARK", "SET", "SNAT",
	"SNPT", "SYNPROXY", "TCPMSS", "TCPOPTSTRIP", "TEE", "TOS", "TPROXY", "TRACE",
	"TTL",
};

const size_t names_n_targets = ARRAY_SIZE(names_targets);

/*
 * What libxtables looks at before /etc/protocols; the first name of a number is
 * the one that is printed.
 */
static const struct name_value chain_protocols[] = {
	{ "tcp", IPPROTO_TCP },
	{ "sctp", IPPROTO_SCTP },
	{ "udp", IPPROTO_UDP },
	{ "udplite", IPPROTO_UDPLITE },
	{ "icmp", IPPROTO_ICMP },
	{ "ipv6-icmp", IPPROTO_ICMPV6 },
	{ "icmpv6", IPPROTO_ICMPV6 },
	{ "esp", IPPROTO_ESP },
	{ "ah", IPPROTO_AH },
	{ "mobility-header", IPPROTO_MH },
	{ "ipv6-mh", IPPROTO_MH },
	{ "mh", IPPROTO_MH },
	{ "all", 0 },
};

static const struct name_icmp icmp_types[] = {
	{ "any", 255, { 0, 255 } },
	{ "echo-reply", 0, { 0, 255 } },
	{ "pong", 0, { 0, 255 } },
	{ "destination-unreachable", 3, { 0, 255 } },
	{ "network-unreachable", 3, { 0, 0 } },
	{ "host-unreachable", 3, { 1, 1 } },
	{ "protocol-unreachable", 3, { 2, 2 } },
	{ "port-unreachable", 3, { 3, 3 } },
	{ "fragmentation-needed", 3, { 4, 4 } },
	{ "source-route-failed", 3, { 5, 5 } },
	{ "network-unknown", 3, { 6, 6 } },
	{ "host-unknown", 3, { 7, 7 } },
	{ "network-prohibited", 3, { 9, 9 } },
	{ "host-prohibited", 3, { 10, 10 } },
	{ "TOS-network-unreachable", 3, { 11, 11 } },
	{ "TOS-host-unreachable", 3, { 12, 12 } },
	{ "communication-prohibited", 3, { 13, 13 } },
	{ "host-precedence-violation", 3, { 14, 14 } },
	{ "precedence-cutoff", 3, { 15, 15 } },
	{ "source-quench", 4, { 0, 255 } },
	{ "redirect", 5, { 0, 255 } },
	{ "network-redirect", 5, { 0, 0 } },
	{ "host-redirect", 5, { 1, 1 } },
	{ "TOS-network-redirect", 5, { 2, 2 } },
	{ "TOS-host-redirect", 5, { 3, 3 } },
	{ "echo-request", 8, { 0, 255 } },
	{ "ping", 8, { 0, 255 } },
	{ "router-advertisement", 9, { 0, 255 } },
	{ "router-solicitation", 10, { 0, 255 } },
	{ "time-exceeded", 11, { 0, 255 } },
	{ "ttl-exceeded", 11, { 0, 255 } },
	{ "ttl-zero-during-transit", 11, { 0, 0 } },
	{ "ttl-zero-during-reassembly", 11, { 1, 1 } },
	{ "parameter-problem", 12, { 0, 255 } },
	{ "ip-header-bad", 12, { 0, 0 } },
	{ "required-option-missing", 12, { 1, 1 } },
	{ "timestamp-request", 13, { 0, 255 } },
	{ "timestamp-reply", 14, { 0, 255 } },
	{ "address-mask-request", 17, { 0, 255 } },
	{ "address-mask-reply", 18, { 0, 255 } },
};

static const struct name_icmp icmpv6_types[] = {
	{ "destination-unreachable", 1, { 0, 255 } },
	{ "no-route", 1, { 0, 0 } },
	{ "communication-prohibited", 1, { 1, 1 } },
	{ "beyond-scope", 1, { 2, 2 } },
	{ "address-unreachable", 1, { 3, 3 } },
	{ "port-unreachable", 1, { 4, 4 } },
	{ "failed-policy", 1, { 5, 5 } },
	{ "reject-route", 1, { 6, 6 } },
	{ "packet-too-big", 2, { 0, 255 } },
	{ "time-exceeded", 3, { 0, 255 } },
	{ "ttl-exceeded", 3, { 0, 255 } },
	{ "ttl-zero-during-transit", 3, { 0, 0 } },
	{ "ttl-zero-during-reassembly", 3, { 1, 1 } },
	{ "parameter-problem", 4, { 0, 255 } },
	{ "bad-header", 4, { 0, 0 } },
	{ "unknown-header-type", 4, { 1, 1 } },
	{ "unknown-option", 4, { 2, 2 } },
	{ "echo-request", 128, { 0, 255 } },
	{ "ping", 128, { 0, 255 } },
	{ "echo-reply", 129, { 0, 255 } },
	{ "pong", 129, { 0, 255 } },
	{ "router-solicitation", 133, { 0, 255 } },
	{ "router-advertisement", 134, { 0, 255 } },
	{ "neighbour-solicitation", 135, { 0, 255 } },
	{ "neighbor-solicitation", 135, { 0, 255 } },
	{ "neighbour-advertisement", 136, { 0, 255 } },
	{ "neighbor-advertisement", 136, { 0, 255 } },
	{ "redirect", 137, { 0, 255 } },
};

int names_protocol(const char *name, size_t len)
{
	static char last[PROTOCOL_MAX];
	static int last_number = -1;
	const struct protoent *pent;
	char copy[PROTOCOL_MAX];

	if (!len)
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(chain_protocols); i++)
		if (chain_protocols[i].name[0] == name[0] &&
		    !strncmp(chain_protocols[i].name, name, len) &&
		    !chain_protocols[i].name[len])
			return (int)chain_protocols[i].value;
	if (len >= sizeof(copy))
		return -1;
	memcpy(copy, name, len);
	copy[len] = '\0';
	if (last[0] && !strcmp(copy, last))
		return last_number;
	pent = getprotobyname(copy);
	if (!pent || pent->p_proto < 0 || pent->p_proto > 255)
		return -1;
	memcpy(last, copy, sizeof(last));
	last_number = pent->p_proto;
	return last_number;
}

const char *names_protocol_name(u8 number)
{
	static char names[256][PROTOCOL_MAX];
	static bool asked[256];
	const struct protoent *pent;

	for (size_t i = 0; i < ARRAY_SIZE(chain_protocols); i++)
		if (chain_protocols[i].value == number)
			return chain_protocols[i].name;
	if (!asked[number]) {
		asked[number] = true;
		pent = getprotobynumber(number);
		if (pent && strlen(pent->p_name) < PROTOCOL_MAX)
			strcpy(names[number], pent->p_name);
	}
	return names[number][0] ? names[number] : NULL;
}

int names_service(const char *name, size_t len, const char *proto)
{
	static struct {
		char name[SERVICE_MAX];
		char proto[8];
		int port;
	} cache[CACHE_SIZE], *c;
	const struct servent *service;
	char copy[SERVICE_MAX];
	u32 hash = 5381;

	if (!len || len >= sizeof(copy))
		return -1;
	for (size_t i = 0; i < len; i++)
		hash = hash * 33 + (u8)name[i];
	for (const char *p = proto; *p; p++)
		hash = hash * 33 + (u8)*p;
	memcpy(copy, name, len);
	copy[len] = '\0';
	c = &cache[hash & (CACHE_SIZE - 1)];
	if (!strcmp(c->name, copy) && !strcmp(c->proto, proto))
		return c->port;
	service = getservbyname(copy, proto);
	memcpy(c->name, copy, len + 1);
	snprintf(c->proto, sizeof(c->proto), "%s", proto);
	c->port = service ? ntohs((u16)service->s_port) : -1;
	return c->port;
}

enum names_icmp_result names_icmp(u8 family, const char *name, size_t len,
				  const struct name_icmp **found,
				  const struct name_icmp **other)
{
	const struct name_icmp *types = icmp_types;
	size_t n = ARRAY_SIZE(icmp_types);

	if (family == FWLOAD_FAMILY_IPV6) {
		types = icmpv6_types;
		n = ARRAY_SIZE(icmpv6_types);
	}
	*found = NULL;
	for (size_t i = 0; i < n; i++) {
		if (strncasecmp(types[i].name, name, len))
			continue;
		if (*found) {
			*other = &types[i];
			return NAMES_ICMP_AMBIGUOUS;
		}
		*found = &types[i];
	}
	return *found ? NAMES_ICMP_FOUND : NAMES_ICMP_NONE;
}
