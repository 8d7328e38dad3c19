// SPDX-License-Identifier: GPL-2.0
/*
 * The events: each change is one, in the order of the generations, those of another network
 * namespace are not heard, and who does not listen fast enough is told that some are lost. For
 * events.sh, in a network namespace of its own.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../user/diag.h"
#include "../user/emit.h"
#include "../user/genl.h"
#include "../user/parse.h"
#include "talk.h"
#include "unit/ktap.h"

#define MANY	1000	/* changes, more than a socket takes that nobody reads */

static struct genl *genl;
static struct genl_error refusal;

static int load(const char *text, u32 flags)
{
	struct diag d = { .out = stdout, .file = "rules", .text = text, .size = strlen(text) };
	struct ruleset *rs = ruleset_new();
	struct buf image = {};
	u32 generation;
	int ret;

	if (!parse_text(rs, FWLOAD_FAMILY_IPV4, text, strlen(text), &d) ||
	    emit_image(rs, false, &image))
		die("a rule set makes no image");
	ret = genl_push(genl, image.data, image.size, flags, NULL, &generation, &refusal);
	buf_free(&image);
	ruleset_free(rs);
	return ret;
}

static u32 generation(void)
{
	struct genl_status now;

	if (genl_status(genl, &now, &refusal))
		die("GET fails");
	return now.generation;
}

static void expect_event(struct mnl_socket *socket, u8 cause, u32 n_tables)
{
	struct event event = talk_event(socket);

	EXPECT_INT(event.generation, generation());
	EXPECT_INT(event.cause, cause);
	EXPECT_INT(event.n_tables, n_tables);
}

static void each_change_is_an_event(void)
{
	struct mnl_socket *socket = talk_listen();

	EXPECT(!load("*filter\n-A OUTPUT -j ACCEPT\nCOMMIT\n", 0));
	expect_event(socket, FWLOAD_CMD_COMMIT, 1);
	EXPECT(!load("*raw\n-A OUTPUT -j ACCEPT\nCOMMIT\n", 0));
	expect_event(socket, FWLOAD_CMD_COMMIT, 2);
	EXPECT(!load("*filter\n-A OUTPUT -j DROP\nCOMMIT\n", FWLOAD_COMMIT_TEST));
	EXPECT(!talk_zero(NULL, FWLOAD_NO_PLACE));
	expect_event(socket, FWLOAD_CMD_ZERO, 2);
	EXPECT(!genl_flush(genl, &refusal));
	expect_event(socket, FWLOAD_CMD_FLUSH, 0);
	mnl_socket_close(socket);
}

/*
 * The socket's smallest buffer is full before long. It is told so once, in place of all that it
 * has missed; then it has what came before, and hears what comes after.
 */
static void who_misses_events_is_told(void)
{
	struct mnl_socket *socket = talk_listen();
	int fd = mnl_socket_get_fd(socket), smallest = 0, n = 0;
	char in[4096];

	EXPECT(!setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &smallest, sizeof(smallest)));
	EXPECT(!load("*filter\n-A OUTPUT -j ACCEPT\nCOMMIT\n", 0));
	for (int i = 0; i < MANY; i++)
		EXPECT(!talk_zero(NULL, FWLOAD_NO_PLACE));
	EXPECT(recv(fd, in, sizeof(in), MSG_DONTWAIT) < 0);
	EXPECT_INT(errno, ENOBUFS);
	while (recv(fd, in, sizeof(in), MSG_DONTWAIT) > 0)
		n++;
	EXPECT_INT(errno, EAGAIN);
	EXPECT(n > 0 && n < MANY);
	EXPECT(!genl_flush(genl, &refusal));
	expect_event(socket, FWLOAD_CMD_FLUSH, 0);
	mnl_socket_close(socket);
}

/* Each of two namespaces hears its own events: those of the other one come before, or never. */
static void another_namespace_is_not_heard(void)
{
	struct mnl_socket *here = talk_listen(), *there;
	int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	struct genl *genl_here = genl;
	struct event event;

	if (home < 0 || unshare(CLONE_NEWNET))
		die("a network namespace");
	there = talk_listen();
	genl = genl_open(&refusal);
	EXPECT(!load("*filter\n-A OUTPUT -j ACCEPT\nCOMMIT\n", 0));
	event = talk_event(there);
	EXPECT_INT(event.generation, 1);
	genl_close(genl);

	genl = genl_here;
	EXPECT(!load("*raw\n-A OUTPUT -j ACCEPT\nCOMMIT\n", 0));
	expect_event(here, FWLOAD_CMD_COMMIT, 1);
	EXPECT(recv(mnl_socket_get_fd(there), &event, sizeof(event), MSG_DONTWAIT) < 0);
	EXPECT_INT(errno, EAGAIN);
	EXPECT(!genl_flush(genl, &refusal));
	mnl_socket_close(here);
	mnl_socket_close(there);
	if (setns(home, CLONE_NEWNET))
		die("the way back");
	close(home);
}

int main(void)
{
	static const struct ktap_case cases[] = {
		KTAP_CASE(each_change_is_an_event),
		KTAP_CASE(another_namespace_is_not_heard),
		KTAP_CASE(who_misses_events_is_told),
	};

	genl = genl_open(&refusal);
	if (!genl)
		die(refusal.reason);
	talk_open();
	return ktap_run(cases, ARRAY_SIZE(cases));
}
