// SPDX-License-Identifier: GPL-2.0
/*
 * Sends an image step by step, so that tests can do what the tool never does.
 *
 *	upload [-p PIECE] [-n TIMES] IMAGE STEP...
 *
 * takes the steps in turn, all on one socket, with PIECE bytes (1024) in a DATA, and prints a
 * line "STEP: ok", or "STEP: ERRNO: the kernel's reason", for each; and so as many TIMES as
 * it is told, as long as all goes well. Exit status: 0 when all were accepted, 1 when one was
 * refused (the rest is still tried), 3 on other trouble.
 *
 *	begin		as the image says
 *	begin=SIZE	another size
 *	data		all that is left, as many DATA as it takes
 *	data=N		only N of them
 *	again		the piece before once more
 *	past		a piece beyond the announced end
 *	commit		repeated while the kernel loads modules
 *	commit=GEN	with an expected generation
 *	test		a commit that stops short of the change
 *	flags=N		a commit with these flags
 *	image=FILE	goes on with another image
 *	count		prints how many DATA the image takes, and sends nothing
 *	sleep=N		waits for N seconds
 *	wait=FIFO	waits until somebody opens it to write
 *	kill		ends itself with SIGKILL
 */
#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/fwload.h>
#include <linux/fwload_image.h>
#include <linux/genetlink.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROOM		(1 << 17)
#define MAX_PIECE	65000
#define PAGE		4096UL
#define RETRIES		600	/* of 50 ms */

static struct mnl_socket *nl;
static uint16_t family;
static unsigned int seq;
static char out[ROOM], in[ROOM];
static const char *image;
static uint64_t image_size, sent;
static size_t piece = 1024;

static void die(const char *what)
{
	perror(what);
	exit(3);
}

static struct nlmsghdr *message(uint16_t type, uint8_t cmd)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(out);
	struct genlmsghdr *genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	nlh->nlmsg_seq = ++seq;
	genl->cmd = cmd;
	genl->version = 1;
	return nlh;
}

static void print_reason(const struct nlmsghdr *nlh, int error)
{
	const struct nlmsgerr *e = mnl_nlmsg_get_payload(nlh);
	size_t offset = sizeof(*e);
	const char *reason = "";
	struct nlattr *attr;

	if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
		offset += mnl_nlmsg_get_payload_len(&e->msg);
	if (nlh->nlmsg_flags & NLM_F_ACK_TLVS)
		mnl_attr_for_each(attr, nlh, offset)
			if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_MSG)
				reason = mnl_attr_get_str(attr);
	printf("%s: %s\n", strerrorname_np(error), reason);
}

/* The errno of the answer; 0 when the request was accepted. Of @quiet nothing is printed. */
static int talk(struct nlmsghdr *nlh, int quiet)
{
	struct nlattr *attr;

	if (mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) < 0)
		die("sendto");
	for (;;) {
		ssize_t n = mnl_socket_recvfrom(nl, in, sizeof(in));
		struct nlmsghdr *answer = (void *)in;
		int left = n;

		if (n < 0)
			die("recvfrom");
		for (; mnl_nlmsg_ok(answer, left); answer = mnl_nlmsg_next(answer, &left)) {
			if (answer->nlmsg_type == NLMSG_ERROR) {
				const struct nlmsgerr *e = mnl_nlmsg_get_payload(answer);

				if (e->error && -e->error != quiet)
					print_reason(answer, -e->error);
				return -e->error;
			}
			if (answer->nlmsg_type != GENL_ID_CTRL)
				continue;
			mnl_attr_for_each(attr, answer, sizeof(struct genlmsghdr))
				if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID)
					family = mnl_attr_get_u16(attr);
		}
	}
}

static void find_family(void)
{
	struct nlmsghdr *nlh = message(GENL_ID_CTRL, CTRL_CMD_GETFAMILY);
	int on = 1;

	mnl_socket_setsockopt(nl, NETLINK_EXT_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(nl, NETLINK_CAP_ACK, &on, sizeof(on));
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, FWLOAD_FAMILY_NAME);
	printf("family: ");
	if (talk(nlh, 0))
		exit(3);
	printf("ok\n");
}

static int begin(uint64_t size)
{
	const struct fwload_img_header *header = (const void *)image;
	struct nlmsghdr *nlh = message(family, FWLOAD_CMD_BEGIN);

	mnl_attr_put_u64(nlh, FWLOAD_A_SIZE, size);
	mnl_attr_put_u32(nlh, FWLOAD_A_INDEX_SIZE, header->index_size);
	sent = 0;
	return talk(nlh, 0);
}

static int data(uint64_t offset, const void *bytes, size_t n)
{
	struct nlmsghdr *nlh = message(family, FWLOAD_CMD_DATA);

	mnl_attr_put_u64(nlh, FWLOAD_A_OFFSET, offset);
	mnl_attr_put(nlh, FWLOAD_A_BYTES, n, bytes);
	return talk(nlh, 0);
}

static int data_pieces(unsigned long n)
{
	int error = 0;

	while (!error && n-- && sent < image_size) {
		size_t len = image_size - sent < piece ? image_size - sent : piece;

		error = data(sent, image + sent, len);
		/* Of a large image only what is being sent is in memory. */
		madvise((void *)image, sent & -PAGE, MADV_DONTNEED);
		sent += len;
	}
	return error;
}

static int again(void)
{
	uint64_t offset = sent > piece ? sent - piece : 0;

	return data(offset, image + offset, sent - offset);
}

static int commit(unsigned int flags, const char *generation)
{
	int error = 0, i;

	for (i = 0; i < RETRIES; i++) {
		struct nlmsghdr *nlh = message(family, FWLOAD_CMD_COMMIT);

		mnl_attr_put_u32(nlh, FWLOAD_A_FLAGS, flags);
		if (generation)
			mnl_attr_put_u32(nlh, FWLOAD_A_GENERATION, atoi(generation));
		/* Being asked to wait is no refusal. */
		error = talk(nlh, i + 1 < RETRIES ? EAGAIN : 0);
		if (error != EAGAIN)
			break;
		usleep(50000);
	}
	return error;
}

static void map_image(const char *name)
{
	int fd = open(name, O_RDONLY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		die(name);
	if (image)
		munmap((void *)image, image_size);
	image_size = st.st_size;
	image = mmap(NULL, image_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (image == MAP_FAILED || image_size < sizeof(struct fwload_img_header))
		die(name);
	close(fd);
}

/* Is @s the step @name? Its argument, or NULL, goes to @arg. */
static bool is(const char *s, const char *name, const char **arg)
{
	size_t len = strlen(name);

	if (strncmp(s, name, len) || (s[len] && s[len] != '='))
		return false;
	*arg = s[len] ? s + len + 1 : NULL;
	return true;
}

static int step(const char *s)
{
	const char *arg;

	printf("%s: ", s);
	fflush(stdout);
	if (is(s, "begin", &arg))
		return begin(arg ? strtoull(arg, NULL, 0) : image_size);
	if (is(s, "data", &arg))
		return data_pieces(arg ? strtoul(arg, NULL, 0) : -1UL);
	if (is(s, "again", &arg))
		return again();
	if (is(s, "past", &arg))
		return data(image_size, "past end", 8);
	if (is(s, "commit", &arg))
		return commit(0, arg);
	if (is(s, "test", &arg))
		return commit(FWLOAD_COMMIT_TEST, NULL);
	if (is(s, "flags", &arg))
		return commit(strtoul(arg, NULL, 0), NULL);
	if (is(s, "image", &arg)) {
		map_image(arg);
		return 0;
	}
	if (is(s, "sleep", &arg))
		return sleep(strtoul(arg, NULL, 0));
	if (is(s, "wait", &arg)) {
		int fd = open(arg, O_RDONLY);

		if (fd < 0)
			die(arg);
		return close(fd);
	}
	if (is(s, "kill", &arg))
		raise(SIGKILL);
	fprintf(stderr, "upload: %s is nothing it can do\n", s);
	exit(3);
}

int main(int argc, char **argv)
{
	unsigned long times = 1;
	int failed = 0, opt, i;

	while ((opt = getopt(argc, argv, "p:n:")) != -1) {
		if (opt == 'p')
			piece = strtoul(optarg, NULL, 0);
		else if (opt == 'n')
			times = strtoul(optarg, NULL, 0);
		else
			piece = 0;
	}
	if (argc - optind < 2 || !piece || piece > MAX_PIECE) {
		fprintf(stderr, "usage: upload [-p PIECE] [-n TIMES] IMAGE STEP...\n");
		return 3;
	}
	map_image(argv[optind]);
	if (!strcmp(argv[optind + 1], "count")) {
		printf("%lu\n", (unsigned long)((image_size + piece - 1) / piece));
		return 0;
	}
	nl = mnl_socket_open(NETLINK_GENERIC);
	if (!nl || mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0)
		die("netlink");
	find_family();
	while (times-- && !failed) {
		for (i = optind + 1; i < argc; i++) {
			if (step(argv[i]))
				failed = 1;
			else
				printf("ok\n");
		}
	}
	return failed;
}
