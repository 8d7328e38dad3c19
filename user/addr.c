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
