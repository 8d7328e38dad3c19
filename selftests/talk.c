// SPDX-License-Identifier: GPL-2.0
/*
 * Messages to the family that the tool does not send: see talk.h.
 */
#include <errno.h>
#include <linux/genetlink.h>
#include <stdio.h>
#include <stdlib.h>

#include "../user/attr.h"
#include "talk.h"

#define ROOM	(128 * 1024)

static struct mnl_socket *nl;
static unsigned int seq;
static __u16 family = GENL_ID_CTRL;
static int events;

void die(const char *what)
{
	printf("Bail out! %s\n", what);
	exit(1);
}

static struct mnl_socket *open_socket(void)
{
	struct mnl_socket *socket = mnl_socket_open(NETLINK_GENERIC);

	if (!socket || mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0)
		die("opening a netlink socket");
	return socket;
}

struct nlmsghdr *talk_request(char *room, __u8 cmd, __u16 flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(room);
	struct genlmsghdr *header = mnl_nlmsg_put_extra_header(nlh, sizeof(*header));

	nlh->nlmsg_type = family;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	nlh->nlmsg_seq = ++seq;
	header->cmd = cmd;
	header->version = 1;
	return nlh;
}

void talk_send(const struct nlmsghdr *nlh)
{
	if (mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) < 0)
		die("sending to the kernel");
}

int talk_receive(mnl_cb_t take, void *arg)
{
	static char in[ROOM];
	int ret = MNL_CB_OK;

	while (ret == MNL_CB_OK) {
		ssize_t size = mnl_socket_recvfrom(nl, in, sizeof(in));

		ret = size < 0 ? MNL_CB_ERROR : mnl_cb_run(in, size, seq, 0, take, arg);
	}
	return ret < 0 ? -errno : 0;
}

static int take_family(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *attr, *group, *field;
	__u16 *id = arg;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID)
			*id = mnl_attr_get_u16(attr);
		if (mnl_attr_get_type(attr) != CTRL_ATTR_MCAST_GROUPS)
			continue;
		/* There is one. */
		mnl_attr_for_each_nested(group, attr) {
			mnl_attr_for_each_nested(field, group) {
				if (mnl_attr_get_type(field) == CTRL_ATTR_MCAST_GRP_ID)
					events = mnl_attr_get_u32(field);
			}
		}
	}
	return MNL_CB_OK;
}

void talk_open(void)
{
	struct nlmsghdr *nlh;
	char room[256];
	__u16 id = 0;

	nl = open_socket();
	nlh = talk_request(room, CTRL_CMD_GETFAMILY, NLM_F_ACK);
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, FWLOAD_FAMILY_NAME);
	talk_send(nlh);
	if (talk_receive(take_family, &id))
		die("the module is not loaded");
	family = id;
}

int talk_zero(const char *chain, __u32 rule)
{
	char room[256];
	struct nlmsghdr *nlh = talk_request(room, FWLOAD_CMD_ZERO, NLM_F_ACK);

	mnl_attr_put_u8(nlh, FWLOAD_A_FAMILY, 0);
	mnl_attr_put_u8(nlh, FWLOAD_A_TABLE_TYPE, 3);
	if (chain)
		mnl_attr_put_strz(nlh, FWLOAD_A_CHAIN_NAME, chain);
	if (rule != FWLOAD_NO_PLACE)
		mnl_attr_put_u32(nlh, FWLOAD_A_RULE, rule);
	talk_send(nlh);
	return talk_receive(NULL, NULL);
}

struct mnl_socket *talk_listen(void)
{
	struct mnl_socket *socket = open_socket();

	if (mnl_socket_setsockopt(socket, NETLINK_ADD_MEMBERSHIP, &events, sizeof(events)) < 0)
		die("joining the events");
	return socket;
}

static int take_event(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *tb[ATTR_N], *attr;
	struct event *event = arg;

	if (!attr_parse(nlh, tb) || !tb[FWLOAD_A_GENERATION] || !tb[FWLOAD_A_CAUSE])
		return MNL_CB_ERROR;
	event->generation = mnl_attr_get_u32(tb[FWLOAD_A_GENERATION]);
	event->cause = mnl_attr_get_u8(tb[FWLOAD_A_CAUSE]);
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		event->n_tables += mnl_attr_get_type(attr) == FWLOAD_A_TABLE;
	}
	return MNL_CB_STOP;
}

struct event talk_event(struct mnl_socket *socket)
{
	struct event event = {};
	char in[4096];
	ssize_t size = mnl_socket_recvfrom(socket, in, sizeof(in));

	if (size < 0 || mnl_cb_run(in, size, 0, 0, take_event, &event) < 0)
		die("an event makes no sense");
	return event;
}
