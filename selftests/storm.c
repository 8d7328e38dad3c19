// SPDX-License-Identifier: GPL-2.0
/*
 * Usage: storm SECONDS SEED PROCESSES IMAGE...
 *
 * Random traffic of the family, as no client would make it: every operation in any order, with
 * right and odd sizes, images whole, cut short and changed (with a checksum that fits), attributes
 * that are missing, twice there, too short, too long, nested wrongly or no attributes at
 * all; answers that are not read, dumps that are left in the middle, sockets closed and
 * processes killed anywhere. Each process works in the network namespace that it found or in one
 * of its own, sends packets through the rules meanwhile and changes addresses. Nothing is
 * expected but that kernel and family are still there in the end; the machine's log tells the
 * rest. Prints how much was sent.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fwload_image.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "wire.h"

#define MAX_IMAGES	16
#define MAX_PROCESSES	64
#define SOCKETS		4
#define MAX_IMAGE	(64 * 1024)

/**
 * struct image - a good one
 * @data: its bytes
 * @size: how many, at most MAX_IMAGE
 */
struct image {
	unsigned char *data;
	size_t size;
};

/**
 * struct tally - of all processes
 * @messages: that the kernel took
 * @commits: that it accepted
 * @killed: processes
 */
struct tally {
	unsigned long messages;
	unsigned long commits;
	unsigned long killed;
};

/**
 * struct client - a socket, and what it is sending
 * @fd: the socket, or -1
 * @image: what it stages
 * @size: bytes of @image
 * @sent: of these, so far
 */
struct client {
	int fd;
	unsigned char image[MAX_IMAGE];
	size_t size;
	size_t sent;
};

static struct image images[MAX_IMAGES];
static unsigned int n_images;
static struct tally *tally;
static struct client clients[SOCKETS];
static struct wire w;
static uint16_t family;
static uint32_t seq;
static uint64_t state;

static uint32_t next(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state >> 16;
}

static uint32_t below(uint32_t n)
{
	return next() % n;
}

static bool one_in(uint32_t n)
{
	return !below(n);
}

static uint32_t odd_number(void)
{
	static const uint32_t odd[] = {
		0, 1, 2, 7, 8, 47, 48, 4096, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff,
	};

	return one_in(4) ? next() : odd[below(sizeof(odd) / sizeof(odd[0]))];
}

/* Images -------------------------------------------------------------------- */

/* A good image, and most often then some bytes of it changed. */
static void make_image(struct client *c)
{
	const struct image *from = &images[below(n_images)];
	struct fwload_img_header *h = (void *)c->image;
	uint32_t n = one_in(3) ? 0 : 1 + below(3);

	memcpy(c->image, from->data, from->size);
	c->size = from->size;
	c->sent = 0;
	while (n--) {
		size_t at = below(c->size);

		switch (below(4)) {
		case 0:
			c->image[at] ^= 1 << below(8);
			break;
		case 1:
			c->image[at] = odd_number();
			break;
		case 2:
			c->image[at / 4 * 4] += 1 + below(2);
			break;
		default:
			memcpy(c->image + at / 8 * 8, c->image + below(c->size) / 8 * 8, 8);
		}
	}
	if (!one_in(8))
		h->xxh64 = XXH64(h + 1, c->size - sizeof(*h), 0);
}

/* Messages ------------------------------------------------------------------ */

static void begin(uint8_t cmd, uint16_t flags)
{
	wire_begin(&w, family, cmd, flags | (one_in(2) ? NLM_F_ACK : 0), ++seq);
}

static void make_begin(struct client *c)
{
	struct fwload_img_header *h = (void *)c->image;

	make_image(c);
	begin(FWLOAD_CMD_BEGIN, 0);
	wire_put_u64(&w, FWLOAD_A_SIZE, one_in(16) ? odd_number() : c->size);
	wire_put_u32(&w, FWLOAD_A_INDEX_SIZE, one_in(16) ? odd_number() : h->index_size);
}

static void make_data(struct client *c)
{
	size_t left = c->size - c->sent, n = one_in(4) ? 1 + below(4096) : MAX_IMAGE;

	if (n > left)
		n = left;
	begin(FWLOAD_CMD_DATA, 0);
	wire_put_u64(&w, FWLOAD_A_OFFSET, one_in(32) ? odd_number() : c->sent);
	wire_put(&w, FWLOAD_A_BYTES, c->image + c->sent, n > 60000 ? 60000 : n);
	c->sent += n > 60000 ? 60000 : n;
}

static void make_commit(void)
{
	begin(FWLOAD_CMD_COMMIT, 0);
	if (one_in(2))
		wire_put_u32(&w, FWLOAD_A_FLAGS, one_in(8) ? odd_number() : below(16));
	if (one_in(4))
		wire_put_u32(&w, FWLOAD_A_GENERATION, one_in(2) ? below(1000) : odd_number());
}

static void put_selection(void)
{
	static const char *const names[] = {
		"INPUT", "OUTPUT", "a", "log", "many", "", "PREROUTING",
	};
	const char *name = names[below(sizeof(names) / sizeof(names[0]))];

	if (one_in(2))
		wire_put_u8(&w, FWLOAD_A_FAMILY, one_in(16) ? odd_number() : below(2));
	if (one_in(2))
		wire_put_u8(&w, FWLOAD_A_TABLE_TYPE, one_in(16) ? odd_number() : below(5));
	if (one_in(3))
		wire_put(&w, FWLOAD_A_CHAIN_NAME, name, strlen(name) + !one_in(16));
	if (one_in(4))
		wire_put_u32(&w, FWLOAD_A_RULE, one_in(2) ? below(10) : odd_number());
}

static void make_dump(void)
{
	begin(FWLOAD_CMD_GET_IMAGE, one_in(32) ? 0 : NLM_F_DUMP);
	put_selection();
	if (one_in(2))
		wire_put_u32(&w, FWLOAD_A_FLAGS, one_in(8) ? odd_number() : below(16));
}

/* Attributes of any type and length, in each other. */
static void put_garbage(unsigned int depth)
{
	unsigned int n = below(5);
	unsigned char bytes[80];
	unsigned int i;

	while (n-- && w.size < 4096) {
		uint16_t type = below(40) | (one_in(8) ? NLA_F_NESTED : 0) |
				(one_in(16) ? NLA_F_NET_BYTEORDER : 0);

		if (depth && one_in(3)) {
			uint32_t at = w.size;
			struct nlattr *nest = (void *)(w.data + at);

			wire_put(&w, type, "", 0);
			put_garbage(depth - 1);
			nest->nla_len = w.size - at;
			continue;
		}
		for (i = 0; i < sizeof(bytes); i++)
			bytes[i] = one_in(2) ? 0 : next();
		wire_put(&w, type, bytes, one_in(2) ? 1U << below(5) : below(sizeof(bytes)));
	}
}

static void make_garbage(void)
{
	begin(below(16), one_in(3) ? NLM_F_DUMP : next() & 0xffff);
	put_garbage(3);
}

/* Something is wrong with what was a message. */
static void damage(void)
{
	struct nlattr *attr = (void *)(w.data + NLMSG_HDRLEN + GENL_HDRLEN);

	switch (below(4)) {
	case 0:
		w.size = NLMSG_HDRLEN + below(w.size - NLMSG_HDRLEN + 1);
		break;
	case 1:
		if (w.size > NLMSG_HDRLEN + GENL_HDRLEN + NLA_HDRLEN)
			attr->nla_len = odd_number();
		break;
	case 2:
		w.data[NLMSG_HDRLEN + below(w.size - NLMSG_HDRLEN)] = next();
		break;
	default:
		put_garbage(2);
	}
}

/* What a client does next. */
static void make_message(struct client *c)
{
	switch (below(24)) {
	case 0: case 1: case 2:
		make_begin(c);
		break;
	case 3: case 4: case 5: case 6: case 7: case 8: case 9:
		make_data(c);
		break;
	case 10: case 11: case 12: case 13: case 14:
		make_commit();
		break;
	case 15:
		begin(FWLOAD_CMD_GET, 0);
		break;
	case 16: case 17: case 18:
		make_dump();
		break;
	case 19:
		begin(FWLOAD_CMD_ZERO, 0);
		put_selection();
		break;
	case 20:
		begin(FWLOAD_CMD_FLUSH, 0);
		put_selection();
		break;
	default:
		make_garbage();
	}
	if (one_in(16))
		damage();
}

/* One client, straight on: what stages an image as it should, commits something. */
static void whole(struct client *c)
{
	struct wire_answer answer;

	make_begin(c);
	if (wire_send(c->fd, &w))
		return;
	while (c->sent < c->size) {
		make_data(c);
		if (wire_send(c->fd, &w))
			return;
		__atomic_fetch_add(&tally->messages, 1, __ATOMIC_RELAXED);
	}
	begin(FWLOAD_CMD_COMMIT, NLM_F_ACK);
	if (one_in(2))
		wire_put_u32(&w, FWLOAD_A_FLAGS, below(8));
	if (wire_send(c->fd, &w))
		return;
	wire_receive(c->fd, seq, &answer);
	if (!answer.error && !answer.lost)
		__atomic_fetch_add(&tally->commits, 1, __ATOMIC_RELAXED);
}

/* The surroundings ---------------------------------------------------------- */

static void send_packets(void)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_port = htons(below(20)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK + below(3)),
	};
	struct sockaddr_in6 to6 = {
		.sin6_family = AF_INET6, .sin6_port = htons(below(20)),
		.sin6_addr = IN6ADDR_LOOPBACK_INIT,
	};
	int fd = socket(one_in(2) ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK, 0), i;

	for (i = 0; i < 8; i++) {
		sendto(fd, &to, below(sizeof(to)), 0, (void *)&to, sizeof(to));
		sendto(fd, &to, below(sizeof(to)), 0, (void *)&to6, sizeof(to6));
	}
	close(fd);
}

/* The loopback device goes up, and gets another address. */
static void change_addresses(void)
{
	struct sockaddr_in addr = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x0a000000 | below(200)),
	};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct ifreq ifr = { .ifr_name = "lo" };

	ifr.ifr_flags = IFF_UP | IFF_RUNNING;
	ioctl(fd, SIOCSIFFLAGS, &ifr);
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "lo:%u", below(4));
	memcpy(&ifr.ifr_addr, &addr, sizeof(addr));
	ioctl(fd, SIOCSIFADDR, &ifr);
	close(fd);
}

static void reopen(struct client *c)
{
	struct timeval soon = { .tv_usec = 300000 };

	if (c->fd >= 0)
		close(c->fd);
	c->fd = wire_open();
	setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof(soon));
	fcntl(c->fd, F_SETFL, O_NONBLOCK);
	make_image(c);
}

static void read_some(struct client *c)
{
	static unsigned char in[32768];
	unsigned int n = below(4);

	while (n-- && recv(c->fd, in, 1 + below(sizeof(in)), MSG_DONTWAIT) >= 0)
		;
}

static void run(uint64_t seed)
{
	unsigned int i;

	state = seed * 0x9e3779b97f4a7c15ULL | 1;
	for (i = 0; i < 10; i++)
		next();
	if (!one_in(3) && unshare(CLONE_NEWNET))
		_exit(1);
	change_addresses();
	for (i = 0; i < SOCKETS; i++)
		clients[i].fd = -1;
	for (;;) {
		struct client *c = &clients[below(SOCKETS)];

		if (c->fd < 0 || one_in(64))
			reopen(c);
		if (one_in(8)) {
			fcntl(c->fd, F_SETFL, 0);
			whole(c);
			fcntl(c->fd, F_SETFL, O_NONBLOCK);
		} else {
			make_message(c);
			if (!wire_send(c->fd, &w))
				__atomic_fetch_add(&tally->messages, 1, __ATOMIC_RELAXED);
		}
		if (one_in(4))
			read_some(c);
		if (one_in(16))
			send_packets();
		if (one_in(64))
			change_addresses();
		if (one_in(4000))
			_exit(0);
	}
}

static pid_t start(uint64_t seed)
{
	pid_t pid = fork();

	if (!pid)
		run(seed);
	return pid;
}

static void read_image(const char *path)
{
	struct image *image = &images[n_images];
	struct stat st;
	int fd = open(path, O_RDONLY);

	if (fd < 0 || fstat(fd, &st) || st.st_size > MAX_IMAGE || n_images == MAX_IMAGES) {
		perror(path);
		exit(3);
	}
	image->size = st.st_size;
	image->data = malloc(image->size);
	if (read(fd, image->data, image->size) != (ssize_t)image->size)
		exit(3);
	close(fd);
	n_images++;
}

int main(int argc, char **argv)
{
	pid_t pids[MAX_PROCESSES];
	unsigned int seconds, n, i;
	uint64_t seed;
	time_t end;
	int fd;

	if (argc < 5)
		return 3;
	seconds = atoi(argv[1]);
	seed = strtoull(argv[2], NULL, 0);
	n = atoi(argv[3]);
	if (!n || n > MAX_PROCESSES)
		return 3;
	for (i = 4; i < (unsigned int)argc; i++)
		read_image(argv[i]);
	tally = mmap(NULL, sizeof(*tally), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		     -1, 0);
	fd = wire_open();
	family = wire_family(fd);
	close(fd);
	if (!family || tally == MAP_FAILED) {
		fprintf(stderr, "the family is not there\n");
		return 1;
	}
	for (i = 0; i < n; i++)
		pids[i] = start(seed++);
	state = seed | 1;
	end = time(NULL) + seconds;
	while (time(NULL) < end) {
		usleep(1000 * below(100));
		i = below(n);
		if (one_in(4)) {
			kill(pids[i], SIGKILL);
			tally->killed++;
		}
		/* This one, or one that has ended by itself. */
		for (i = 0; i < n; i++)
			if (waitpid(pids[i], NULL, WNOHANG) == pids[i])
				pids[i] = start(seed++);
	}
	for (i = 0; i < n; i++) {
		kill(pids[i], SIGKILL);
		waitpid(pids[i], NULL, 0);
	}
	printf("# summary: %lu messages, %lu commits in the order of a client, %lu processes killed\n",
	       tally->messages, tally->commits, tally->killed);
	return !tally->messages || !tally->commits;
}
