// SPDX-License-Identifier: GPL-2.0
/*
 * Usage: crowd NUMBER IMAGE
 *
 * Makes NUMBER network namespaces and loads IMAGE in each. When all are there it goes to each of
 * them once more, and asks what becomes of a UDP packet to the namespace itself, port 9, where
 * nobody listens: by the rules it is to be dropped. Before the first image it was to be refused.
 * All of them go with this process. Prints how many dropped it, and how long it all took. Exit
 * status: 0 when it was all of them.
 *
 * Where the kernel has pktgen, it has a thread in each namespace, which wakes up ten times a
 * second: this process goes before them.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "../user/genl.h"
#include "../user/io.h"

#define FILES_BESIDE	100	/* the namespaces' own */
#define REFUSAL_MS	10000

static void die(const char *what)
{
	perror(what);
	exit(3);
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* Go to a new namespace, and keep it when another one is entered. */
static int make_namespace(void)
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int ns, fd;

	if (unshare(CLONE_NEWNET))
		die("unshare");
	ns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (ns < 0 || fd < 0 || ioctl(fd, SIOCSIFFLAGS, &ifr))
		die("a network namespace");
	close(fd);
	return ns;
}

/*
 * Nothing comes back of a packet that is dropped, an ICMP error of one that is refused. On the
 * loopback device all has happened when send() returns; @wait is for how many ms it may not.
 */
static bool is_dropped(int wait)
{
	const struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons(9),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	struct pollfd p = { .fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0) };
	bool dropped;

	if (p.fd < 0 || connect(p.fd, (const struct sockaddr *)&to, sizeof(to)) ||
	    send(p.fd, "x", 1, 0) != 1)
		die("socket");
	dropped = poll(&p, 1, wait) == 0;
	close(p.fd);
	return dropped;
}

static void push(const struct input *image)
{
	struct genl_error error;
	struct genl *genl = genl_open(&error);
	u32 generation;

	if (!genl || genl_push(genl, image->data, image->size, 0, NULL, &generation, &error)) {
		fprintf(stderr, "crowd: %s\n", error.reason);
		exit(1);
	}
	genl_close(genl);
}

int main(int argc, char **argv)
{
	const struct sched_param first = { .sched_priority = 1 };
	unsigned long number, dropped = 0, i;
	struct rlimit files;
	struct input image;
	double start, made;
	int *ns;

	if (argc != 3) {
		fprintf(stderr, "usage: crowd NUMBER IMAGE\n");
		return 3;
	}
	number = strtoul(argv[1], NULL, 10);
	files.rlim_cur = number + FILES_BESIDE;
	files.rlim_max = files.rlim_cur;
	ns = calloc(number, sizeof(*ns));
	if (!ns || setrlimit(RLIMIT_NOFILE, &files) || sched_setscheduler(0, SCHED_FIFO, &first))
		die(argv[1]);
	input_read(&image, argv[2]);
	start = now();
	for (i = 0; i < number; i++) {
		ns[i] = make_namespace();
		if (i == 0 && is_dropped(REFUSAL_MS)) {
			fprintf(stderr, "crowd: dropped without rules\n");
			return 1;
		}
		push(&image);
	}
	made = now();
	for (i = 0; i < number; i++) {
		if (setns(ns[i], CLONE_NEWNET))
			die("setns");
		dropped += is_dropped(0);
	}
	printf("%lu of %lu namespaces dropped it\n", dropped, number);
	printf("# summary: %lu namespaces with rules: made in %.1f s, asked in %.1f s\n", number,
	       made - start, now() - made);
	return dropped != number;
}
