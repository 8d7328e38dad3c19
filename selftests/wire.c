// SPDX-License-Identifier: GPL-2.0
/*
 * Messages to the family as bare bytes: see wire.h.
 */
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#include "wire.h"

int wire_open(void)
{
	struct sockaddr_nl addr = { .nl_family = AF_NETLINK };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);

	if (fd < 0 || bind(fd, (void *)&addr, sizeof(addr)))
		return -errno;
	return fd;
}

void wire_begin(struct wire *w, uint16_t family, uint8_t cmd, uint16_t flags, uint32_t seq)
{
	struct nlmsghdr *nlh = (void *)w->data;
	struct genlmsghdr *genl = (void *)(nlh + 1);

	memset(w->data, 0, NLMSG_HDRLEN + GENL_HDRLEN);
	nlh->nlmsg_type = family;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	nlh->nlmsg_seq = seq;
	genl->cmd = cmd;
	genl->version = 1;
	w->size = NLMSG_HDRLEN + GENL_HDRLEN;
}

void wire_put(struct wire *w, uint16_t type, const void *value, uint32_t size)
{
	struct nlattr *attr = (void *)(w->data + w->size);

	attr->nla_type = type;
	attr->nla_len = NLA_HDRLEN + size;
	memset(attr + 1, 0, NLA_ALIGN(size));
	memcpy(attr + 1, value, size);
	w->size += NLA_HDRLEN + NLA_ALIGN(size);
}

void wire_put_u8(struct wire *w, uint16_t type, uint8_t value)
{
	wire_put(w, type, &value, sizeof(value));
}

void wire_put_u32(struct wire *w, uint16_t type, uint32_t value)
{
	wire_put(w, type, &value, sizeof(value));
}

void wire_put_u64(struct wire *w, uint16_t type, uint64_t value)
{
	wire_put(w, type, &value, sizeof(value));
}

int wire_send(int fd, struct wire *w)
{
	struct nlmsghdr *nlh = (void *)w->data;

	nlh->nlmsg_len = w->size;
	return send(fd, w->data, w->size, 0) < 0 ? -errno : 0;
}

static uint32_t u32_at(const struct nlattr *attr)
{
	uint32_t value;

	memcpy(&value, attr + 1, sizeof(value));
	return value;
}

/* FNV-1a */
static uint64_t hash(uint64_t sum, const void *data, size_t size)
{
	const unsigned char *at = data;

	while (size--)
		sum = (sum ^ *at++) * 0x100000001b3ULL;
	return sum;
}

static bool attr_ok(const struct nlattr *attr, size_t left)
{
	return left >= NLA_HDRLEN && attr->nla_len >= NLA_HDRLEN && attr->nla_len <= left;
}

/* A nest's type may have NLA_F_NESTED or not. */
static void take_attrs(const void *data, size_t left, struct wire_answer *answer)
{
	const struct nlattr *attr = data;

	while (attr_ok(attr, left)) {
		size_t step = NLA_ALIGN(attr->nla_len);

		switch (attr->nla_type & NLA_TYPE_MASK) {
		case FWLOAD_A_GENERATION:
			answer->generation = u32_at(attr);
			break;
		case FWLOAD_A_TABLE:
			take_attrs(attr + 1, attr->nla_len - NLA_HDRLEN, answer);
			break;
		case FWLOAD_A_N_RULES:
			answer->rules += u32_at(attr);
			break;
		}
		attr = (const void *)((const char *)attr + step);
		left = left > step ? left - step : 0;
	}
}

/* Returns whether there is more to come. */
static bool take(const struct nlmsghdr *nlh, uint32_t seq, struct wire_answer *answer)
{
	const char *data = (const char *)nlh + NLMSG_HDRLEN;

	if (nlh->nlmsg_seq != seq)
		return true;
	if (nlh->nlmsg_type == NLMSG_ERROR || nlh->nlmsg_type == NLMSG_DONE) {
		answer->error = -EIO;
		if (nlh->nlmsg_len >= NLMSG_HDRLEN + sizeof(int))
			memcpy(&answer->error, data, sizeof(int));
		return false;
	}
	if (nlh->nlmsg_len > NLMSG_HDRLEN + GENL_HDRLEN) {
		size_t size = nlh->nlmsg_len - NLMSG_HDRLEN - GENL_HDRLEN;

		answer->hash = hash(answer->hash, data + GENL_HDRLEN, size);
		take_attrs(data + GENL_HDRLEN, size, answer);
	}
	return true;
}

void wire_receive(int fd, uint32_t seq, struct wire_answer *answer)
{
	static unsigned char in[WIRE_ROOM] __attribute__((__aligned__(8)));

	memset(answer, 0, sizeof(*answer));
	for (;;) {
		ssize_t n = recv(fd, in, sizeof(in), 0);
		struct nlmsghdr *nlh = (void *)in;

		if (n < 0) {
			answer->lost = errno;
			return;
		}
		for (; NLMSG_OK(nlh, n); nlh = NLMSG_NEXT(nlh, n))
			if (!take(nlh, seq, answer))
				return;
	}
}

static int family_id(const void *data, size_t left)
{
	const struct nlattr *attr = data;

	while (attr_ok(attr, left)) {
		size_t step = NLA_ALIGN(attr->nla_len);
		uint16_t id;

		if (attr->nla_type == CTRL_ATTR_FAMILY_ID) {
			memcpy(&id, attr + 1, sizeof(id));
			return id;
		}
		attr = (const void *)((const char *)attr + step);
		left = left > step ? left - step : 0;
	}
	return 0;
}

int wire_family(int fd)
{
	static struct wire w;
	struct nlmsghdr *nlh = (void *)w.data;
	ssize_t n;

	wire_begin(&w, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 0, 1);
	wire_put(&w, CTRL_ATTR_FAMILY_NAME, FWLOAD_FAMILY_NAME, sizeof(FWLOAD_FAMILY_NAME));
	n = wire_send(fd, &w);
	if (n)
		return n;
	n = recv(fd, w.data, sizeof(w.data), 0);
	if (n < 0)
		return -errno;
	if (!NLMSG_OK(nlh, n) || nlh->nlmsg_type == NLMSG_ERROR)
		return 0;
	return family_id(w.data + NLMSG_HDRLEN + GENL_HDRLEN,
			 nlh->nlmsg_len - NLMSG_HDRLEN - GENL_HDRLEN);
}
