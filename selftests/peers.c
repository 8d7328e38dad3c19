// SPDX-License-Identifier: GPL-2.0
/*
 * Peers of two old protocols whose data connections conntrack helpers expect, as far as the
 * helpers look at them; IPv4.
 *
 *	peers irc-server PORT		in the background (detach.h): takes the offer of a file
 *					(DCC SEND) that a client makes to another, and stands
 *					for that other: it fetches the file
 *	peers irc-offer ADDRESS PORT	offers a file through the server at ADDRESS
 *	peers amanda-client PORT	in the background: answers a request to the UDP port with
 *					the TCP ports for data, messages and index: the next three
 *	peers amanda-server ADDRESS PORT
 *					asks, and connects to all three
 *
 * irc-offer and amanda-server return 0 when all that was to come over data connections did.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "detach.h"

#define WAIT_MS		10000	/* for an answer; a refusal comes at once */
#define DATA		"these are data\n"
#define AMANDA_PORTS	3

static void die(const char *what)
{
	perror(what);
	exit(3);
}

static struct sockaddr_in address(const char *host, int port)
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_port = htons(port) };

	if (host && inet_pton(AF_INET, host, &sa.sin_addr) != 1) {
		fprintf(stderr, "peers: no IPv4: %s\n", host);
		exit(3);
	}
	return sa;
}

/* A socket at a port of this machine; 0: any. */
static int bound(int type, int port)
{
	struct sockaddr_in sa = address(NULL, port);
	int fd = socket(AF_INET, type, 0);
	int one = 1;

	if (fd < 0)
		die("socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&sa, sizeof(sa)))
		die("bind");
	if (type == SOCK_STREAM && listen(fd, 8))
		die("listen");
	return fd;
}

/* Returns -1 when the connection is refused. */
static int connected(int type, struct sockaddr_in sa)
{
	int fd = socket(AF_INET, type, 0);

	if (fd < 0)
		die("socket");
	if (connect(fd, (struct sockaddr *)&sa, sizeof(sa))) {
		close(fd);
		return -1;
	}
	return fd;
}

static struct sockaddr_in own_address(int fd)
{
	struct sockaddr_in sa;
	socklen_t len = sizeof(sa);

	if (getsockname(fd, (struct sockaddr *)&sa, &len))
		die("getsockname");
	return sa;
}

static void send_text(int fd, const char *text)
{
	if (send(fd, text, strlen(text), MSG_NOSIGNAL) < 0)
		perror("send");
}

/* What comes until the end, or once from a datagram socket, as a string. */
static const char *receive(int fd, bool once)
{
	static char text[512];
	struct pollfd p = { .fd = fd, .events = POLLIN };
	size_t size = 0;
	ssize_t n;

	while (size < sizeof(text) - 1 && poll(&p, 1, WAIT_MS) > 0) {
		n = read(fd, text + size, sizeof(text) - 1 - size);
		if (n <= 0)
			break;
		size += n;
		if (once)
			break;
	}
	text[size] = '\0';
	return text;
}

/* The offered file, fetched from where the offer says; is it the right one? */
static bool fetch(const char *offer)
{
	struct sockaddr_in sa = address(NULL, 0);
	unsigned int addr, port;
	const char *dcc = strstr(offer, "\1DCC SEND ");
	bool right;
	int fd;

	if (!dcc || sscanf(dcc, "\1DCC SEND %*s %u %u", &addr, &port) != 2)
		return false;
	sa.sin_addr.s_addr = htonl(addr);
	sa.sin_port = htons(port);
	fd = connected(SOCK_STREAM, sa);
	if (fd < 0)
		return false;
	right = !strcmp(receive(fd, false), DATA);
	close(fd);
	return right;
}

static void irc_server(int port)
{
	int listener = bound(SOCK_STREAM, port);

	signal(SIGPIPE, SIG_IGN);
	detach();
	for (;;) {
		int client = accept(listener, NULL, NULL);

		if (client < 0)
			continue;
		if (fetch(receive(client, true)))
			send_text(client, "thanks\r\n");
		close(client);
	}
}

static int irc_offer(struct sockaddr_in server)
{
	int listener = bound(SOCK_STREAM, 0);
	int control = connected(SOCK_STREAM, server);
	struct pollfd fds[2] = {
		{ .fd = listener, .events = POLLIN },
		{ .fd = control, .events = POLLIN },
	};
	char offer[128];

	if (control < 0)
		die("connect");
	snprintf(offer, sizeof(offer), "PRIVMSG other :\1DCC SEND file %u %u %zu\1\r\n",
		 ntohl(own_address(control).sin_addr.s_addr),
		 ntohs(own_address(listener).sin_port), strlen(DATA));
	send_text(control, offer);
	if (poll(fds, 2, WAIT_MS) > 0 && fds[0].revents) {
		int peer = accept(listener, NULL, NULL);

		send_text(peer, DATA);
		close(peer);
	}
	return strcmp(receive(control, false), "thanks\r\n") != 0;
}

static void amanda_client(int port)
{
	struct pollfd fds[1 + AMANDA_PORTS];
	struct sockaddr_in peer;
	char text[128];
	int i;

	for (i = 0; i <= AMANDA_PORTS; i++) {
		fds[i].fd = bound(i ? SOCK_STREAM : SOCK_DGRAM, port + i);
		fds[i].events = POLLIN;
	}
	signal(SIGPIPE, SIG_IGN);
	detach();
	for (;;) {
		socklen_t len = sizeof(peer);

		if (poll(fds, 1 + AMANDA_PORTS, -1) < 0)
			continue;
		for (i = 1; i <= AMANDA_PORTS; i++) {
			if (fds[i].revents) {
				int fd = accept(fds[i].fd, NULL, NULL);

				send_text(fd, DATA);
				close(fd);
			}
		}
		if (!fds[0].revents ||
		    recvfrom(fds[0].fd, text, sizeof(text), 0, (struct sockaddr *)&peer,
			     &len) < 0)
			continue;
		snprintf(text, sizeof(text), "Amanda 2.6 REP\nCONNECT DATA %d MESG %d INDEX %d\n",
			 port + 1, port + 2, port + 3);
		if (sendto(fds[0].fd, text, strlen(text), 0, (struct sockaddr *)&peer, len) < 0)
			perror("sendto");
	}
}

static int amanda_server(struct sockaddr_in client)
{
	int fd = connected(SOCK_DGRAM, client);
	unsigned int port[AMANDA_PORTS];
	const char *answer;
	int i;

	send_text(fd, "Amanda 2.6 REQ\nSERVICE sendbackup\n");
	answer = strstr(receive(fd, true), "CONNECT ");
	if (!answer || sscanf(answer, "CONNECT DATA %u MESG %u INDEX %u", &port[0], &port[1],
			      &port[2]) != AMANDA_PORTS)
		return 2;
	for (i = 0; i < AMANDA_PORTS; i++) {
		struct sockaddr_in sa = client;
		int data;

		sa.sin_port = htons(port[i]);
		data = connected(SOCK_STREAM, sa);
		if (data < 0 || strcmp(receive(data, false), DATA))
			return 1;
		close(data);
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "irc-server"))
		irc_server(atoi(argv[2]));
	if (argc == 4 && !strcmp(argv[1], "irc-offer"))
		return irc_offer(address(argv[2], atoi(argv[3])));
	if (argc == 3 && !strcmp(argv[1], "amanda-client"))
		amanda_client(atoi(argv[2]));
	if (argc == 4 && !strcmp(argv[1], "amanda-server"))
		return amanda_server(address(argv[2], atoi(argv[3])));
	fprintf(stderr, "usage: peers irc-server|amanda-client PORT\n"
			"       peers irc-offer|amanda-server ADDRESS PORT\n");
	return 3;
}
