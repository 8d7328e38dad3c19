// SPDX-License-Identifier: GPL-2.0
/*
 * Addresses in text: see addr.h. What libxtables makes of odd spellings (octal and
 * hexadecimal numbers, "10" for 10.0.0.0, masks with holes) is made of them here.
 */
#include <arpa/inet.h>

#include "addr.h"
#include "lex.h"

/* Longest spelling of an IPv4 address that libxtables looks at; it cuts the rest. */
#define IPV4_MAX	19

/*
 * The plain spelling, 192.0.2.7, which nearly all are. Returns what stands behind it, or
 * NULL.
 */
static const char *plain_ipv4(const char *s, const char *end, __be32 *addr)
{
	u32 value = 0;

	for (int i = 0; i < 4; i++) {
		u32 byte;

		if (s == end || *s < '0' || *s > '9')
			return NULL;
		byte = (u32)(*s++ - '0');
		if (byte) {
			while (s < end && *s >= '0' && *s <= '9' && byte <= 255)
				byte = byte * 10 + (u32)(*s++ - '0');
		}
		if (byte > 255)
			return NULL;
		value = value << 8 | byte;
		if (i < 3 && (s == end || *s++ != '.'))
			return NULL;
	}
	*addr = cpu_to_be32(value);
	return s;
}

static bool is_plain_ipv4(const char *s, size_t len)
{
	__be32 addr;

	return plain_ipv4(s, s + len, &addr) == s + len;
}

bool addr_plain_net4(const char *s, size_t len, struct addr_net *net)
{
	const char *end = s + len;
	u32 bits = 0;

	s = plain_ipv4(s, end, &net->addr[0]);
	if (!s)
		return false;
	net->dyn = 0;
	net->mask[0] = (__be32)~0U;
	if (s == end)
		return true;
	/* One or two digits, the first of which is no 0 */
	if (*s++ != '/' || s == end || end - s > 2 || *s == '0')
		return false;
	for (; s < end; s++) {
		if (*s < '0' || *s > '9')
			return false;
		bits = bits * 10 + (u32)(*s - '0');
	}
	if (bits > 32)
		return false;
	net->mask[0] = cpu_to_be32(~0U << (32 - bits));
	net->addr[0] &= net->mask[0];
	return true;
}

/* Any spelling; @whole: four numbers, no fewer. */
static bool odd_ipv4(const char *s, size_t len, bool whole, __be32 *addr)
{
	const char *end;
	u32 value = 0;

	if (len > IPV4_MAX)
		len = IPV4_MAX;
	end = s + len;
	for (int i = 0; i < 4; i++) {
		const char *dot = i < 3 ? memchr(s, '.', (size_t)(end - s)) : NULL;
		u64 byte;

		if (!dot)
			dot = end;
		if (!lex_number(s, (size_t)(dot - s), 0, 255, &byte))
			return false;
		value |= (u32)byte << (24 - 8 * i);
		if (dot == end) {
			if (whole && i < 3)
				return false;
			break;
		}
		s = dot + 1;
	}
	*addr = cpu_to_be32(value);
	return true;
}

bool addr_ipv4(const char *s, size_t len, __be32 *addr)
{
	return plain_ipv4(s, s + len, addr) == s + len || odd_ipv4(s, len, false, addr);
}

bool addr_ipv6(const char *s, size_t len, __be32 addr[4])
{
	char copy[INET6_ADDRSTRLEN];

	if (len >= sizeof(copy))
		return false;
	memcpy(copy, s, len);
	copy[len] = '\0';
	return inet_pton(AF_INET6, copy, addr) == 1;
}

static bool parse_mask(u8 family, const char *s, size_t len, __be32 mask[4])
{
	u32 words = family == FWLOAD_FAMILY_IPV6 ? 4 : 1;
	u64 bits;

	if (words == 1 ? odd_ipv4(s, len, true, mask) : addr_ipv6(s, len, mask))
		return true;
	if (!lex_number(s, len, 0, 32 * words, &bits))
		return false;
	for (u32 i = 0; i < words; i++) {
		u32 n = bits > 32 ? 32 : (u32)bits;

		mask[i] = n ? cpu_to_be32(~0U << (32 - n)) : 0;
		bits -= n;
	}
	return true;
}

enum addr_result addr_net(u8 family, const char *s, size_t len, struct addr_net *net)
{
	const char *slash = memrchr(s, '/', len);
	size_t n = slash ? (size_t)(slash - s) : len;
	__be32 other[4];
	u32 words = 1;

	if (family == FWLOAD_FAMILY_IPV6)
		words = 4;
	net->dyn = 0;
	for (u32 i = 0; i < words; i++)
		net->mask[i] = (__be32)~0U;
	if (slash && !parse_mask(family, slash + 1, len - n - 1, net->mask)) {
		/* The other family's mask, after its address? */
		if (words == 1 ? addr_ipv6(s, n, other) : is_plain_ipv4(s, n))
			return ADDR_FAMILY;
		return ADDR_MASK;
	}
	if (words == 1 && !net->mask[0]) {
		net->addr[0] = 0;
		return ADDR_OK;
	}
	if (words == 1) {
		if (!addr_ipv4(s, n, net->addr))
			return addr_ipv6(s, n, other) ? ADDR_FAMILY : ADDR_NAME;
		net->addr[0] &= net->mask[0];
		return ADDR_OK;
	}
	if (!(net->mask[0] | net->mask[1] | net->mask[2] | net->mask[3])) {
		memset(net->addr, 0, sizeof(net->addr));
		return ADDR_OK;
	}
	if (!addr_ipv6(s, n, net->addr))
		return is_plain_ipv4(s, n) ? ADDR_FAMILY : ADDR_NAME;
	for (u32 i = 0; i < 4; i++)
		net->addr[i] &= net->mask[i];
	return ADDR_OK;
}

const char *addr_dyn(const char *s, size_t len, struct addr_net *net, size_t *from,
		     size_t *n)
{
	static const char open[] =
		"this parenthesis is not closed: (INTERFACE), (INTERFACE:network) or (INTERFACE:0)";
	static const char unknown[] =
		"after the interface comes nothing, \":network\" or \":0\" for the first address";
	const char *close = memchr(s, ')', len), *colon, *form;
	size_t size;

	*from = 0;
	*n = len;
	if (!close)
		return open;
	if (close != s + len - 1) {
		*from = (size_t)(close + 1 - s);
		*n = len - *from;
		return "nothing can follow the addresses of an interface";
	}
	s++;
	colon = memchr(s, ':', (size_t)(close - s));
	size = (size_t)((colon ? colon : close) - s);
	*from = 1;
	*n = size;
	if (!size)
		return "the name of the interface is missing";
	if (size >= sizeof(net->dev))
		return "the name of an interface has at most 15 bytes";
	if (s[size - 1] == '+')
		return "these are the addresses of one interface: no + here";
	memset(net->dev, 0, sizeof(net->dev));
	memcpy(net->dev, s, size);
	for (size_t i = 0; i < size; i++)
		if ((u8)s[i] <= ' ' || s[i] == 0x7f || s[i] == '/')
			return "no interface can have this name";
	if (!strcmp(net->dev, ".") || !strcmp(net->dev, ".."))
		return "no interface can have this name";
	net->dyn = FWLOAD_IMG_F_DYN;
	if (!colon)
		return NULL;
	form = colon + 1;
	size = (size_t)(close - form);
	*from = (size_t)(form - s) + 1;
	*n = size;
	if (size == 7 && !memcmp(form, "network", 7))
		net->dyn |= FWLOAD_IMG_F_DYN_NET;
	else if (size == 1 && *form == '0')
		net->dyn |= FWLOAD_IMG_F_DYN_FIRST;
	else
		return unknown;
	return NULL;
}

int addr_prefix(u8 family, const struct addr_net *net)
{
	u32 words = family == FWLOAD_FAMILY_IPV6 ? 4 : 1;
	int prefix = 0;
	u32 i;

	for (i = 0; i < words && net->mask[i] == (__be32)~0U; i++)
		prefix += 32;
	if (i < words && net->mask[i]) {
		u32 mask = be32_to_cpu(net->mask[i]);

		if (~mask & (~mask + 1))
			return -1;
		prefix += __builtin_popcount(mask);
		i++;
	}
	for (; i < words; i++)
		if (net->mask[i])
			return -1;
	return prefix;
}
