// SPDX-License-Identifier: GPL-2.0
/*
 * Rules without the addresses of interfaces: see resolve.h.
 *
 * All addresses of the family are read at once (RTM_GETADDR), in the order that they have
 * on their interface, so that the first is that of (eth0:0). An address stands there as
 * itself (IFA_LOCAL, or IFA_ADDRESS where that is all) and with the network that it brings
 * (IFA_ADDRESS, which on a link with a peer is the peer's).
 */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>

#include "diag.h"
#include "resolve.h"

#define TRIES	100	/* addresses that change while they are read */
/*
 * Ranges that a rule may take: -m iprange ! --src-range A-B are five words, and
 * iptables-restore reads a line of 255.
 */
#define RANGES_MAX	40U

/**
 * struct net - a network
 * @addr: network byte order, IPv4 in the first 4 bytes; bits beyond @prefix are zero
 * @prefix: its length
 */
struct net {
	u8 addr[16];
	u8 prefix;
};

/**
 * struct if_addr - an address of an interface
 * @dev: name of the interface
 * @own: the address
 * @network: the network that it brings
 */
struct if_addr {
	char dev[IF_NAMESIZE];
	struct net own;
	struct net network;
};

/**
 * struct resolve - addresses
 * @family: enum fwload_family
 * @read: @addrs have been read
 * @addrs: array of struct if_addr
 * @nets: array of struct net: of the sides of the current rule
 */
struct resolve {
	u8 family;
	bool read;
	struct buf addrs;
	struct buf nets[2];
};

static char reason[160];

static size_t addr_size(const struct resolve *r)
{
	return r->family == FWLOAD_FAMILY_IPV4 ? 4 : 16;
}

struct resolve *resolve_begin(u8 family)
{
	struct resolve *r = fwload_env_alloc(1, sizeof(*r));

	if (!r)
		diag_die(EXIT_FAILURE, "out of memory");
	r->family = family;
	return r;
}

void resolve_end(struct resolve *r)
{
	if (!r)
		return;
	buf_free(&r->addrs);
	buf_free(&r->nets[0]);
	buf_free(&r->nets[1]);
	free(r);
}

/* Reading addresses ------------------------------------------------------- */

static void set_net(const struct resolve *r, struct net *net, const void *addr, u8 prefix)
{
	size_t size = addr_size(r);

	memcpy(net->addr, addr, size);
	net->prefix = prefix < 8 * size ? prefix : (u8)(8 * size);
	for (size_t i = 0; i < size; i++) {
		int bits = net->prefix - 8 * (int)i;

		net->addr[i] &= (u8)(bits >= 8 ? 0xff : bits <= 0 ? 0 : 0xff << (8 - bits));
	}
}

static int take_addr(const struct nlmsghdr *nlh, void *data)
{
	const struct ifaddrmsg *msg = mnl_nlmsg_get_payload(nlh);
	const void *own = NULL, *network = NULL;
	struct if_addr a = { .dev = "" };
	struct resolve *r = data;
	const struct nlattr *attr;
	u32 flags;

	if (nlh->nlmsg_type != RTM_NEWADDR || mnl_nlmsg_get_payload_len(nlh) < sizeof(*msg))
		return MNL_CB_OK;
	flags = msg->ifa_flags;
	mnl_attr_for_each(attr, nlh, sizeof(*msg)) {
		u16 type = mnl_attr_get_type(attr), size = mnl_attr_get_payload_len(attr);

		if (type == IFA_LOCAL && size == addr_size(r))
			own = mnl_attr_get_payload(attr);
		else if (type == IFA_ADDRESS && size == addr_size(r))
			network = mnl_attr_get_payload(attr);
		else if (type == IFA_FLAGS && size == sizeof(flags))
			flags = mnl_attr_get_u32(attr);
	}
	/* Somebody else's; and what went away meanwhile. */
	if (flags & IFA_F_DADFAILED || !network || !if_indextoname(msg->ifa_index, a.dev))
		return MNL_CB_OK;
	set_net(r, &a.own, own ? own : network, 128);
	set_net(r, &a.network, network, msg->ifa_prefixlen);
	buf_add(&r->addrs, &a, sizeof(a));
	return MNL_CB_OK;
}

/* One look at all addresses; -EINTR: they changed meanwhile. */
static int read_once(struct resolve *r, struct mnl_socket *nl, unsigned int seq)
{
	char room[32768];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(room);
	struct ifaddrmsg *msg;
	ssize_t size;
	int ret;

	buf_free(&r->addrs);
	nlh->nlmsg_type = RTM_GETADDR;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	nlh->nlmsg_seq = seq;
	msg = mnl_nlmsg_put_extra_header(nlh, sizeof(*msg));
	msg->ifa_family = r->family == FWLOAD_FAMILY_IPV4 ? AF_INET : AF_INET6;
	if (mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) < 0)
		return -errno;
	do {
		size = mnl_socket_recvfrom(nl, room, sizeof(room));
		if (size < 0)
			return -errno;
		ret = mnl_cb_run(room, (size_t)size, seq, mnl_socket_get_portid(nl), take_addr,
				 r);
		if (ret < 0)
			return -errno;
	} while (ret != MNL_CB_STOP && size);
	return 0;
}

static const char *read_addrs(struct resolve *r)
{
	struct mnl_socket *nl;
	int ret = -EINTR;

	/* What is left of an answer that was given up goes with its socket. */
	for (unsigned int i = 1; ret == -EINTR && i <= TRIES; i++) {
		nl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
		if (!nl || mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0)
			ret = -errno;
		else
			ret = read_once(r, nl, i);
		if (nl)
			mnl_socket_close(nl);
	}
	if (!ret) {
		r->read = true;
		return NULL;
	}
	snprintf(reason, sizeof(reason), "reading the addresses of interfaces: %s",
		 strerror(-ret));
	return reason;
}

/* Sets -------------------------------------------------------------------- */

static int by_address(const void *a, const void *b)
{
	const struct net *x = a, *y = b;
	int order = memcmp(x->addr, y->addr, sizeof(x->addr));

	return order ? order : x->prefix - y->prefix;
}

/* Is @net, which does not come before @in, a part of it? */
static bool within(const struct net *net, const struct net *in)
{
	u32 bytes = in->prefix / 8, bits = in->prefix % 8;

	return !memcmp(net->addr, in->addr, bytes) &&
	       (!bits || !((net->addr[bytes] ^ in->addr[bytes]) >> (8 - bits)));
}

/* The addresses that @el stands for: networks of which none lies in another. */
static void find_nets(const struct resolve *r, const struct fwload_img_el *el, struct buf *nets)
{
	const struct fwload_img_el_dyn *d = (const void *)el;
	const struct if_addr *a = (const void *)r->addrs.data;
	struct net *net;
	u32 n, last = 0;

	nets->size = 0;
	for (n = r->addrs.size / sizeof(*a); n--; a++) {
		if (strncmp(a->dev, d->name, sizeof(a->dev)))
			continue;
		buf_add(nets, el->flags & FWLOAD_IMG_F_DYN_NET ? &a->network : &a->own,
			sizeof(*net));
		if (el->flags & FWLOAD_IMG_F_DYN_FIRST)
			break;
	}
	n = nets->size / sizeof(*net);
	if (n < 2)
		return;
	net = (struct net *)nets->data;
	/* What lies in a network follows it then, with nothing else between. */
	qsort(net, n, sizeof(*net), by_address);
	for (u32 i = 1; i < n; i++)
		if (!within(&net[i], &net[last]))
			net[++last] = net[i];
	nets->size = (last + 1) * sizeof(*net);
}

/* Records ----------------------------------------------------------------- */

/* Append -s or -d. */
static void add_net(const struct resolve *r, u8 type, const struct net *net, bool invert,
		    struct buf *out)
{
	struct fwload_img_el_addr4 a4 = { .el.len = sizeof(a4) / 8 };
	struct fwload_img_el_addr6 a6 = { .el.len = sizeof(a6) / 8 };
	bool v4 = r->family == FWLOAD_FAMILY_IPV4;
	struct fwload_img_el *el = v4 ? &a4.el : &a6.el;

	if (!net->prefix && !invert)
		return;			/* any address */
	el->type = type;
	el->flags = invert ? FWLOAD_IMG_F_INV : 0;
	el->arg = net->prefix;
	memcpy(v4 ? (void *)&a4.addr : a6.addr, net->addr, addr_size(r));
	buf_add(out, el, el->len * 8);
}

/* Append -m iprange with a range that must not match. */
static void add_range(const struct resolve *r, u8 type, const struct net *net, struct buf *out)
{
	struct fwload_img_el_iprange4 r4 = { .el.len = sizeof(r4) / 8 };
	struct fwload_img_el_iprange6 r6 = { .el.len = sizeof(r6) / 8 };
	bool v4 = r->family == FWLOAD_FAMILY_IPV4, src = type == FWLOAD_IMG_EL_SRC;
	struct fwload_img_el *el = v4 ? &r4.el : &r6.el;
	size_t size = addr_size(r);
	u8 *to;

	el->type = FWLOAD_IMG_EL_IPRANGE;
	el->flags = src ? FWLOAD_IMG_F_SRC | FWLOAD_IMG_F_SRC_INV :
			  FWLOAD_IMG_F_DST | FWLOAD_IMG_F_DST_INV;
	if (v4)
		to = (u8 *)(src ? r4.src : r4.dst);
	else
		to = (u8 *)(src ? r6.src : r6.dst);
	memcpy(to, net->addr, size);
	for (size_t i = 0; i < size; i++) {
		int bits = net->prefix - 8 * (int)i;

		to[size + i] = net->addr[i] | (u8)(bits >= 8 ? 0 : 0xff >> (bits < 0 ? 0 : bits));
	}
	buf_add(out, el, el->len * 8);
}

/* Append what stands for @el, address number @i of it. */
static void add_side(const struct resolve *r, const struct fwload_img_el *el, u32 i,
		     struct buf *out)
{
	const struct buf *nets = &r->nets[el->type == FWLOAD_IMG_EL_DST];
	const struct net *net = (const struct net *)nets->data;
	bool invert = el->flags & FWLOAD_IMG_F_INV;
	static const struct net all;

	if (nets->size)
		add_net(r, el->type, net + i, invert, out);
	else if (!invert)
		add_net(r, el->type, &all, true, out);
}

/* Append the ranges of a side that is negated, all but the first. */
static void add_ranges(const struct resolve *r, const struct fwload_img_el *el, struct buf *out)
{
	const struct buf *nets;
	const struct net *net;

	if (!el || !(el->flags & FWLOAD_IMG_F_INV))
		return;
	nets = &r->nets[el->type == FWLOAD_IMG_EL_DST];
	net = (const struct net *)nets->data;
	for (u32 i = 1; i < nets->size / sizeof(*net); i++)
		add_range(r, el->type, net + i, out);
}

/* One record: @rule with address @at[0] for @side[0], its -s, and likewise for -d. */
static void add_record(const struct resolve *r, const struct fwload_img_rule *rule,
		       const struct fwload_img_el *const side[2], const u32 at[2],
		       struct buf *out)
{
	const struct fwload_img_el *el = (const void *)(rule + 1);
	const u8 *end = (const u8 *)rule_next(rule);
	size_t start = out->size;

	buf_add(out, rule, sizeof(*rule));
	for (; (const u8 *)el < end && el->type <= FWLOAD_IMG_EL_OUT; el = el_next(el)) {
		if (el_is_dyn(el))
			add_side(r, el, at[el->type == FWLOAD_IMG_EL_DST], out);
		else
			buf_add(out, el, el->len * 8);
	}
	add_ranges(r, side[0], out);
	add_ranges(r, side[1], out);
	if ((const u8 *)el < end)
		buf_add(out, el, (size_t)(end - (const u8 *)el));
	((struct fwload_img_rule *)(out->data + start))->size =
		cpu_to_le16((u16)((out->size - start) / 8));
}

const char *resolve_rule(struct resolve *r, const struct fwload_img_rule *rule,
			 struct buf *records, u32 *n)
{
	const struct fwload_img_el *side[2] = { NULL }, *el = (const void *)(rule + 1);
	const u8 *end = (const u8 *)rule_next(rule);
	u32 count[2] = { 1, 1 }, ranges = 0, at[2];
	const char *why = NULL;

	*n = 0;
	for (; (const u8 *)el < end && el->type <= FWLOAD_IMG_EL_DST; el = el_next(el))
		if (el_is_dyn(el))
			side[el->type == FWLOAD_IMG_EL_DST] = el;
	if (!side[0] && !side[1])
		return NULL;
	if (!r->read)
		why = read_addrs(r);
	if (why)
		return why;
	for (u32 i = 0; i < 2; i++) {
		u32 found;

		if (!side[i])
			continue;
		find_nets(r, side[i], &r->nets[i]);
		found = r->nets[i].size / sizeof(struct net);
		if (!found)
			continue;
		if (side[i]->flags & FWLOAD_IMG_F_INV)
			ranges += found - 1;
		else
			count[i] = found;
	}
	if (ranges > RANGES_MAX) {
		snprintf(reason, sizeof(reason),
			 "%u addresses of interfaces to be negated in one rule: %u fit in a line of iptables-restore",
			 ranges + 1, RANGES_MAX + 1);
		return reason;
	}
	for (at[0] = 0; at[0] < count[0]; at[0]++)
		for (at[1] = 0; at[1] < count[1]; at[1]++)
			add_record(r, rule, side, at, records);
	*n = count[0] * count[1];
	return NULL;
}
