// SPDX-License-Identifier: GPL-2.0
/*
 * Usage: audit COMMAND...
 *
 * Turns the kernel's audit on, runs COMMAND, turns it off and prints the NETFILTER_CFG records
 * that COMMAND left.
 * Records come in order, so when COMMAND has ended one of our own is sent, and what comes
 * before it is all there is. They go to the initial network namespace alone, so that is where
 * this is to be run. Exit status: that of COMMAND, 3 on trouble.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void die(const char *what)
{
	perror(what);
	exit(3);
}

static void send_to_audit(int fd, int type, const void *data, size_t size)
{
	struct {
		struct nlmsghdr header;
		char data[256];
	} m = { .header = {
		.nlmsg_len = NLMSG_LENGTH(size),
		.nlmsg_type = type,
		.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK,
	} };
	struct {
		struct nlmsghdr header;
		struct nlmsgerr error;
	} answer;

	memcpy(m.data, data, size);
	if (send(fd, &m, m.header.nlmsg_len, 0) < 0 ||
	    recv(fd, &answer, sizeof(answer), MSG_TRUNC) < 0)
		die("audit");
	if (answer.header.nlmsg_type != NLMSG_ERROR || answer.error.error) {
		errno = -answer.error.error;
		die("audit refuses");
	}
}

static int run(char **argv)
{
	pid_t pid = fork();
	int status;

	if (pid < 0)
		die("fork");
	if (!pid) {
		execvp(argv[0], argv);
		die(argv[0]);
	}
	if (waitpid(pid, &status, 0) < 0)
		die("waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 3;
}

int main(int argc, char **argv)
{
	struct audit_status state = { .mask = AUDIT_STATUS_ENABLED, .enabled = 1 };
	int ask = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT);
	int hear = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT);
	const struct sockaddr_nl group = {
		.nl_family = AF_NETLINK,
		.nl_groups = 1 << (AUDIT_NLGRP_READLOG - 1),
	};
	char in[16384], end[64];
	int status;

	if (argc < 2 || ask < 0 || hear < 0 ||
	    bind(hear, (const struct sockaddr *)&group, sizeof(group)))
		die("audit");
	send_to_audit(ask, AUDIT_SET, &state, sizeof(state));
	status = run(argv + 1);
	snprintf(end, sizeof(end), "fwload-test-end-%d", getpid());
	send_to_audit(ask, AUDIT_USER, end, strlen(end) + 1);
	state.enabled = 0;
	send_to_audit(ask, AUDIT_SET, &state, sizeof(state));
	for (;;) {
		ssize_t n = recv(hear, in, sizeof(in) - 1, 0);
		struct nlmsghdr *nlh = (void *)in;
		const char *text = NLMSG_DATA(nlh);

		if (n < (ssize_t)NLMSG_HDRLEN)
			die("a record");
		in[n] = '\0';
		if (nlh->nlmsg_type == AUDIT_USER && strstr(text, end))
			return status;
		if (nlh->nlmsg_type == AUDIT_NETFILTER_CFG)
			printf("%s\n", text);
	}
}
