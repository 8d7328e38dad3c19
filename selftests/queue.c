// SPDX-License-Identifier: GPL-2.0
/*
 * Usage: queue NUMBER FILE
 *
 * Takes what the target NFQUEUE sends to queue NUMBER of IPv4, in the background (see detach.h):
 * holds the first packet back, for which it creates FILE, until SIGUSR1 comes, then accepts it
 * and ends.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <linux/netlink.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>

#include "detach.h"

/* Of all messages that are sent from here, this is the longest. */
struct message {
	struct nlmsghdr header;
	struct nfgenmsg gen;
	struct nlattr attr;
	char value[16];
};

static int fd;

static void die(const char *what)
{
	perror(what);
	exit(3);
}

static void send_message(int type, int queue, int attr, const void *value, size_t size)
{
	struct message m = {
		.header.nlmsg_type = NFNL_SUBSYS_QUEUE << 8 | type,
		.header.nlmsg_flags = NLM_F_REQUEST,
		.gen.version = NFNETLINK_V0,
		.gen.res_id = htons(queue),
		.attr.nla_type = attr,
		.attr.nla_len = NLA_HDRLEN + size,
	};

	memcpy(m.value, value, size);
	m.header.nlmsg_len = NLMSG_LENGTH(sizeof(m.gen)) + NLA_HDRLEN + NLA_ALIGN(size);
	if (type == NFQNL_MSG_CONFIG)
		m.header.nlmsg_flags |= NLM_F_ACK;
	if (send(fd, &m, m.header.nlmsg_len, 0) < 0)
		die("send");
}

static void configure(int queue, int attr, const void *value, size_t size)
{
	struct {
		struct nlmsghdr header;
		struct nlmsgerr error;
	} answer;

	send_message(NFQNL_MSG_CONFIG, queue, attr, value, size);
	if (recv(fd, &answer, sizeof(answer), MSG_TRUNC) < 0)
		die("recv");
	if (answer.header.nlmsg_type != NLMSG_ERROR || answer.error.error) {
		errno = -answer.error.error;
		die("the queue");
	}
}

/* The number that the kernel gave the packet which comes next, in network byte order. */
static uint32_t next_packet(void)
{
	char in[4096] __attribute__((__aligned__(8)));
	struct nlmsghdr *nlh = (void *)in;
	struct nlattr *attr = (void *)(in + NLMSG_LENGTH(sizeof(struct nfgenmsg)));
	struct nfqnl_msg_packet_hdr packet;

	/* The packet's header is the first attribute. */
	if (recv(fd, in, sizeof(in), 0) < 0 || !(nlh->nlmsg_type & 0xff00) ||
	    attr->nla_type != NFQA_PACKET_HDR)
		die("a packet");
	memcpy(&packet, attr + 1, sizeof(packet));
	return packet.packet_id;
}

int main(int argc, char **argv)
{
	const struct nfqnl_msg_config_params params = { .copy_mode = NFQNL_COPY_META };
	const struct nfqnl_msg_config_cmd bind_it = { .command = NFQNL_CFG_CMD_BIND };
	struct nfqnl_msg_verdict_hdr verdict = { .verdict = htonl(NF_ACCEPT) };
	sigset_t go_on;
	int queue, sig;

	if (argc != 3)
		return 3;
	queue = atoi(argv[1]);
	sigemptyset(&go_on);
	sigaddset(&go_on, SIGUSR1);
	sigprocmask(SIG_BLOCK, &go_on, NULL);
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
	if (fd < 0)
		die("socket");
	configure(queue, NFQA_CFG_CMD, &bind_it, sizeof(bind_it));
	configure(queue, NFQA_CFG_PARAMS, &params, sizeof(params));
	detach();
	verdict.id = next_packet();
	close(open(argv[2], O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	sigwait(&go_on, &sig);
	send_message(NFQNL_MSG_VERDICT, queue, NFQA_VERDICT_HDR, &verdict, sizeof(verdict));
	return 0;
}
