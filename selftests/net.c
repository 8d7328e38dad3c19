// SPDX-License-Identifier: GPL-2.0
/*
 * Who gets through: servers that answer, and a client that says what became of it.
 *
 *	net serve PORT...		answers on these TCP and UDP ports, IPv4 and IPv6; goes into
 *					the background when all are open (detach.h)
 *	net try tcp|udp ADDRESS PORT	asks once, and prints and returns
 *						open	0  an answer came
 *						refused	1  a reset or an ICMP error came
 *						silent	2  nothing came within a second
 *
 * FWLOAD_NET_WAIT sets another number of milliseconds for the client.
 */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "detach.h"

#define MAX_PORTS 64

static void die(const char *what)
{
	perror(what);
	exit(3);
}

static int listen_on(int type, int port)
{
	struct sockaddr_in6 sa = {
		.sin6_family = AF_INET6,
		.sin6_port = htons(port),
	};
	int fd = socket(AF_INET6, type, 0);
	int one = 1, zero = 0;

	if (fd < 0)
		die("socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof(zero));
	if (bind(fd, (struct sockaddr *)&sa, sizeof(sa)))
		die("bind");
	if (type == SOCK_STREAM && listen(fd, 64))
		die("listen");
	return fd;
}

static void answer_udp(int fd)
{
	struct sockaddr_storage sa;
	socklen_t len = sizeof(sa);
	char buf[2048];
	ssize_t n = recvfrom(fd, buf, sizeof(buf), 0, (struct sockaddr *)&sa, &len);

	if (n >= 0)
		sendto(fd, buf, n, 0, (struct sockaddr *)&sa, len);
}

static void answer_tcp(int fd)
{
	int peer = accept(fd, NULL, NULL);

	if (peer < 0)
		return;
	if (write(peer, "hello\n", 6) != 6)
		perror("write");
	close(peer);
}

static void serve(int n, char **ports)
{
	struct pollfd fds[2 * MAX_PORTS];
	int i;

	if (n > MAX_PORTS) {
		fprintf(stderr, "net: more than %d ports\n", MAX_PORTS);
		exit(3);
	}
	for (i = 0; i < n; i++) {
		fds[2 * i].fd = listen_on(SOCK_STREAM, atoi(ports[i]));
		fds[2 * i + 1].fd = listen_on(SOCK_DGRAM, atoi(ports[i]));
		fds[2 * i].events = POLLIN;
		fds[2 * i + 1].events = POLLIN;
	}
	signal(SIGPIPE, SIG_IGN);
	detach();
	for (;;) {
		if (poll(fds, 2 * n, -1) < 0)
			continue;
		for (i = 0; i < n; i++) {
			if (fds[2 * i].revents)
				answer_tcp(fds[2 * i].fd);
			if (fds[2 * i + 1].revents)
				answer_udp(fds[2 * i + 1].fd);
		}
	}
}

static int say(const char *word, int status)
{
	puts(word);
	return status;
}

/* Waits until fd has something to read or an error to tell. */
static int wait_for(int fd, short events, int ms)
{
	struct pollfd p = { .fd = fd, .events = events };

	return poll(&p, 1, ms);
}

static int try(const char *proto, const char *host, const char *port)
{
	struct addrinfo hint = {
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
		.ai_socktype = strcmp(proto, "tcp") ? SOCK_DGRAM : SOCK_STREAM,
	};
	const char *wait = getenv("FWLOAD_NET_WAIT");
	int ms = wait ? atoi(wait) : 1000;
	struct addrinfo *ai;
	int fd, error = 0;
	socklen_t len = sizeof(error);
	char buf[64];

	if (getaddrinfo(host, port, &hint, &ai)) {
		fprintf(stderr, "net: not an address and a port: %s %s\n", host, port);
		return 3;
	}
	fd = socket(ai->ai_family, ai->ai_socktype | SOCK_NONBLOCK, ai->ai_protocol);
	if (fd < 0)
		die("socket");
	if (connect(fd, ai->ai_addr, ai->ai_addrlen) && errno != EINPROGRESS)
		return say("refused", 1);
	if (ai->ai_socktype == SOCK_STREAM) {
		if (wait_for(fd, POLLOUT, ms) == 0)
			return say("silent", 2);
		getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len);
		if (error)
			return say("refused", 1);
	} else if (send(fd, "hello\n", 6, 0) != 6) {
		return say("refused", 1);
	}
	if (wait_for(fd, POLLIN, ms) == 0)
		return say("silent", 2);
	return read(fd, buf, sizeof(buf)) > 0 ? say("open", 0) : say("refused", 1);
}

int main(int argc, char **argv)
{
	if (argc > 2 && !strcmp(argv[1], "serve"))
		serve(argc - 2, argv + 2);
	if (argc == 5 && !strcmp(argv[1], "try"))
		return try(argv[2], argv[3], argv[4]);
	fprintf(stderr, "usage: net serve PORT... | net try tcp|udp ADDRESS PORT\n");
	return 3;
}
