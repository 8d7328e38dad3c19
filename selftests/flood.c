// SPDX-License-Identifier: GPL-2.0
/*
 * A flood of UDP packets of which it is known, packet by packet, what becomes of each.
 *
 *	flood serve OPEN CLOSED		echoes what comes to these two ports, of IPv4 and IPv6
 *					(see detach.h)
 *	flood run ADDRESS OPEN CLOSED	sends to both until SIGTERM comes, then prints
 *
 *		open N closed N answered N lost N leaked N duplicated N
 *
 * The network is to let packets to OPEN and their echoes through, and no packet to CLOSED.
 * Packets go in batches, as many of OPEN as fit into the smallest queue on the way, mixed with
 * some of CLOSED; the next batch waits for all echoes of the last. So no queue overflows, and
 * an echo that is missing after WAIT seconds is a packet judged wrongly (lost), as is each
 * echo from CLOSED (leaked). Exit status: 0 when nothing was lost, leaked or duplicated and
 * something was answered.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "detach.h"

#define BATCH	32
#define WAIT	5	/* seconds */

struct packet {
	uint64_t batch;
	uint32_t number;
};

static struct {
	uint64_t open, closed, answered, lost, leaked, duplicated;
} total;

static volatile sig_atomic_t ended;	/* SIGTERM came */
static bool gone;			/* there is no way to the server any more */

static void end(int sig)
{
	(void)sig;
	ended = 1;
}

static void die(const char *what)
{
	perror(what);
	exit(3);
}

static void serve(int n, char **ports)
{
	struct pollfd fds[2];
	int i;

	for (i = 0; i < n; i++) {
		struct sockaddr_in6 sa = {
			.sin6_family = AF_INET6,
			.sin6_port = htons(atoi(ports[i])),
		};
		int no = 0;

		fds[i].fd = socket(AF_INET6, SOCK_DGRAM, 0);
		fds[i].events = POLLIN;
		if (fds[i].fd < 0 ||
		    setsockopt(fds[i].fd, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof(no)) ||
		    bind(fds[i].fd, (struct sockaddr *)&sa, sizeof(sa)))
			die("bind");
	}
	detach();
	for (;;) {
		poll(fds, n, -1);
		for (i = 0; i < n; i++) {
			struct sockaddr_in6 sa;
			socklen_t len = sizeof(sa);
			struct packet p;

			if (!fds[i].revents)
				continue;
			if (recvfrom(fds[i].fd, &p, sizeof(p), 0,
				     (struct sockaddr *)&sa, &len) == sizeof(p))
				sendto(fds[i].fd, &p, sizeof(p), 0,
				       (struct sockaddr *)&sa, len);
		}
	}
}

static int connect_to(const char *address, const char *port)
{
	struct sockaddr_in6 six = {
		.sin6_family = AF_INET6,
		.sin6_port = htons(atoi(port)),
	};
	struct sockaddr_in four = {
		.sin_family = AF_INET,
		.sin_port = six.sin6_port,
	};
	bool is_six = inet_pton(AF_INET6, address, &six.sin6_addr) == 1;
	int fd = socket(is_six ? AF_INET6 : AF_INET, SOCK_DGRAM, 0);
	int failed;

	if (is_six)
		failed = connect(fd, (struct sockaddr *)&six, sizeof(six));
	else
		failed = inet_pton(AF_INET, address, &four.sin_addr) != 1 ||
			 connect(fd, (struct sockaddr *)&four, sizeof(four));
	if (fd < 0 || failed)
		die("connect");
	return fd;
}

/*
 * A refused packet may come back as an error on the socket; the next send tells, once. Where
 * the network itself has gone, it is over.
 */
static void send_packet(int fd, uint64_t batch, uint32_t number)
{
	struct packet p = { .batch = batch, .number = number };

	while (!gone && send(fd, &p, sizeof(p), 0) != sizeof(p)) {
		if (errno != ECONNREFUSED && errno != EINTR) {
			perror("send");
			gone = true;
		}
	}
}

static time_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

/* Takes the echoes of a batch, until all of them are there or it has waited too long. */
static void receive(int open, int closed, uint64_t batch)
{
	struct pollfd fds[2] = {
		{ .fd = open, .events = POLLIN },
		{ .fd = closed, .events = POLLIN },
	};
	time_t last = now() + WAIT;
	uint32_t missing = 0xffffffff;
	struct packet p;

	while (missing && now() <= last) {
		if (poll(fds, 2, 100) <= 0)
			continue;
		if (fds[0].revents && recv(open, &p, sizeof(p), MSG_DONTWAIT) == sizeof(p)) {
			if (p.batch == batch && (missing & 1U << p.number))
				total.answered++;
			else
				total.duplicated++;
			if (p.batch == batch)
				missing &= ~(1U << p.number);
		}
		if (fds[1].revents && recv(closed, &p, sizeof(p), MSG_DONTWAIT) == sizeof(p))
			total.leaked++;
	}
	total.lost += __builtin_popcount(missing);
}

static int run(const char *address, const char *open_port, const char *closed_port)
{
	struct sigaction sa = { .sa_handler = end };
	int open = connect_to(address, open_port);
	int closed = connect_to(address, closed_port);
	uint64_t batch;
	uint32_t i;

	sigaction(SIGTERM, &sa, NULL);
	for (batch = 1; !ended && !gone; batch++) {
		for (i = 0; i < BATCH; i++) {
			send_packet(open, batch, i);
			total.open++;
			if (i % 4 == 0) {
				send_packet(closed, batch, i);
				total.closed++;
			}
		}
		receive(open, closed, batch);
	}
	printf("open %lu closed %lu answered %lu lost %lu leaked %lu duplicated %lu\n",
	       total.open, total.closed, total.answered, total.lost, total.leaked,
	       total.duplicated);
	return !total.answered || total.lost || total.leaked || total.duplicated;
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "serve"))
		serve(2, argv + 2);
	if (argc == 5 && !strcmp(argv[1], "run"))
		return run(argv[2], argv[3], argv[4]);
	fprintf(stderr, "usage: flood serve OPEN CLOSED | flood run ADDRESS OPEN CLOSED\n");
	return 3;
}
