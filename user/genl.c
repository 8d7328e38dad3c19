// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel, through generic netlink.
 *
 * The kernel works on a request while sendmsg() runs and has queued its answer when
 * that returns. An answer is read until the acknowledgment of the last message sent;
 * several messages may travel in one sendmsg(), of which only the last asks for an
 * acknowledgment, while every refusal is answered. The first refusal counts: those
 * after it are its consequences.
 *
 * An attribute ends at 64 KiB, so an image goes as many DATA messages, a batch of them
 * per sendmsg(). What comes back (GET_IMAGE) is put together by fetch.c.
 */
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <libmnl/libmnl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "attr.h"
#include "fetch.h"
#include "genl.h"

#define PIECE		65528	/* bytes of the image in one DATA: a multiple of 8 */
#define BATCH		8	/* DATA messages in one sendmsg(), if its buffer allows */
#define MESSAGE		(PIECE + 64)
#define ROOM		(BATCH * MESSAGE)
#define SOCKET_BUFFER	(4 << 20)
#define RETRY_SECONDS	120	/* for the kernel to load modules */
#define RETRY_FIRST_MS	2
#define RETRY_MAX_MS	250

/**
 * struct genl - a socket of the family
 * @nl: the socket
 * @family: number of the family
 * @seq: sequence number of the last message
 * @out: ROOM bytes to build messages in
 * @out_size: bytes of it that are waiting to be sent
 * @batch: DATA messages that go in one sendmsg()
 * @in: ROOM bytes to receive into
 */
struct genl {
	struct mnl_socket *nl;
	u16 family;
	u32 seq;
	u8 *out;
	size_t out_size;
	int batch;
	u8 *in;
};

/* Takes a message that is no acknowledgment; false (and @err filled) ends the talk. */
typedef bool (*take_fn)(const struct nlmsghdr *nlh, void *arg, struct genl_error *err);

static void set_error(struct genl_error *err, int errnum, const char *reason)
{
	memset(err, 0, sizeof(*err));
	err->errnum = errnum;
	snprintf(err->reason, sizeof(err->reason), "%s", reason);
}

static void set_errno(struct genl_error *err, const char *what)
{
	int errnum = errno;

	memset(err, 0, sizeof(*err));
	err->errnum = errnum;
	snprintf(err->reason, sizeof(err->reason), "%s: %s", what, strerror(errnum));
}

static void set_unloaded(struct genl_error *err)
{
	set_error(err, ENOENT,
		  "the kernel module fwload is not loaded: modprobe fwload, or insmod fwload.ko");
	err->unloaded = true;
}

static bool bad_answer(struct genl_error *err)
{
	set_error(err, EPROTO, "the kernel's answer makes no sense (another version of fwload?)");
	return false;
}

/* The reason and the place that stand at @offset of an acknowledgment's payload. */
static void read_reason(const struct nlmsghdr *nlh, size_t offset, struct genl_error *err)
{
	const struct nlattr *attr;

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS) ||
	    offset > mnl_nlmsg_get_payload_len(nlh))
		return;
	mnl_attr_for_each(attr, nlh, offset) {
		u16 type = mnl_attr_get_type(attr);

		if (type == NLMSGERR_ATTR_MSG &&
		    mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) >= 0) {
			snprintf(err->reason, sizeof(err->reason), "%s",
				 mnl_attr_get_str(attr));
		} else if (type == NLMSGERR_ATTR_COOKIE &&
			   mnl_attr_get_payload_len(attr) == sizeof(err->place)) {
			memcpy(&err->place, mnl_attr_get_payload(attr), sizeof(err->place));
			err->has_place = true;
		}
	}
}

/* Errno and reason of an NLMSG_ERROR, or of the NLMSG_DONE that ends a dump. */
static void read_ack(const struct nlmsghdr *nlh, struct genl_error *err)
{
	const struct nlmsgerr *msg = mnl_nlmsg_get_payload(nlh);
	size_t offset = sizeof(msg->error);
	int error = 0;

	if (mnl_nlmsg_get_payload_len(nlh) >= sizeof(error))
		error = -msg->error;
	set_error(err, error, error ? strerror(error) : "");
	if (nlh->nlmsg_type == NLMSG_ERROR) {
		offset = sizeof(*msg);
		if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
			offset += MNL_ALIGN(msg->msg.nlmsg_len) - MNL_NLMSG_HDRLEN;
	}
	read_reason(nlh, offset, err);
	if (!error || strcmp(err->reason, strerror(error)))
		return;
	/* What the family itself refuses, it gives a reason for. */
	if (error == EPERM)
		set_error(err, EPERM, "CAP_NET_ADMIN is needed in the initial user namespace");
	else if (error == ENOENT)
		set_unloaded(err);
}

/*
 * Receive until message number @last is answered; answers to those from @first on count,
 * older ones are left over from a talk that broke off. Returns 0, with the kernel's
 * warning or "" in err->reason, or -errno.
 */
static int receive(struct genl *g, u32 first, u32 last, take_fn take, void *arg,
		   struct genl_error *err)
{
	struct genl_error ack, warning = {};
	bool failed = false, done = false;

	while (!done) {
		ssize_t size = mnl_socket_recvfrom(g->nl, g->in, ROOM);
		const struct nlmsghdr *nlh = (const void *)g->in;
		int left = size;

		if (size < 0 && errno == EINTR)
			continue;
		if (size < 0) {
			if (!failed)
				set_errno(err, "receiving from the kernel");
			return -err->errnum;
		}
		for (; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left)) {
			if (nlh->nlmsg_seq - first > last - first)
				continue;
			if (nlh->nlmsg_type != NLMSG_ERROR && nlh->nlmsg_type != NLMSG_DONE) {
				failed = failed || (take && !take(nlh, arg, err));
				continue;
			}
			done |= nlh->nlmsg_seq == last;
			read_ack(nlh, &ack);
			if (ack.errnum && !failed) {
				*err = ack;
				failed = true;
			} else if (!ack.errnum && ack.reason[0]) {
				warning = ack;
			}
		}
	}
	if (failed)
		return -err->errnum;
	*err = warning;
	return 0;
}

/* Begin a message at the end of those that wait in g->out. */
static struct nlmsghdr *message(struct genl *g, u16 family, u8 cmd, u16 flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(g->out + g->out_size);
	struct genlmsghdr *genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));

	nlh->nlmsg_type = family;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	nlh->nlmsg_seq = ++g->seq;
	genl->cmd = cmd;
	genl->version = FWLOAD_FAMILY_VERSION;
	return nlh;
}

/* A complete message; @fits says whether all of its attributes found room. */
static void message_end(struct genl *g, const struct nlmsghdr *nlh, bool fits)
{
	if (!fits)
		abort();	/* ROOM is for BATCH messages of the largest size */
	g->out_size += MNL_ALIGN(nlh->nlmsg_len);
}

/* Send what waits and receive all answers. */
static int talk(struct genl *g, u32 first, take_fn take, void *arg, struct genl_error *err)
{
	ssize_t sent;

	do {
		sent = mnl_socket_sendto(g->nl, g->out, g->out_size);
	} while (sent < 0 && errno == EINTR);
	g->out_size = 0;
	if (sent < 0) {
		set_errno(err, "sending to the kernel");
		return -err->errnum;
	}
	return receive(g, first, g->seq, take, arg, err);
}

static bool take_family(const struct nlmsghdr *nlh, void *arg, struct genl_error *err)
{
	const struct nlattr *attr;
	u16 *family = arg;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(attr) != CTRL_ATTR_FAMILY_ID)
			continue;
		if (mnl_attr_validate(attr, MNL_TYPE_U16) < 0)
			return bad_answer(err);
		*family = mnl_attr_get_u16(attr);
	}
	return true;
}

static bool find_family(struct genl *g, struct genl_error *err)
{
	struct nlmsghdr *nlh = message(g, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, NLM_F_ACK);
	int ret;

	message_end(g, nlh, mnl_attr_put_strz_check(nlh, MESSAGE, CTRL_ATTR_FAMILY_NAME,
						    FWLOAD_FAMILY_NAME));
	ret = talk(g, g->seq, take_family, &g->family, err);
	if (ret == -ENOENT)
		set_unloaded(err);
	/* without a number, requests would go to nobody and be acknowledged */
	if (!ret && !g->family)
		return bad_answer(err);
	return !ret;
}

/*
 * Larger than net.core.[rw]mem_max when privileged; else as large as these allow. Returns
 * the size.
 */
static int socket_buffer(int fd, int option, int force)
{
	int size = SOCKET_BUFFER;
	socklen_t len = sizeof(size);

	if (setsockopt(fd, SOL_SOCKET, force, &size, sizeof(size)) < 0)
		setsockopt(fd, SOL_SOCKET, option, &size, sizeof(size));
	return getsockopt(fd, SOL_SOCKET, option, &size, &len) < 0 ? 0 : size;
}

struct genl *genl_open(struct genl_error *err)
{
	struct genl *g = fwload_env_alloc(1, sizeof(*g));
	int on = 1;

	if (!g)
		goto err_memory;
	g->out = fwload_env_alloc(1, ROOM);
	g->in = fwload_env_alloc(1, ROOM);
	if (!g->out || !g->in)
		goto err_memory;
	g->nl = mnl_socket_open2(NETLINK_GENERIC, SOCK_CLOEXEC);
	if (!g->nl || mnl_socket_bind(g->nl, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    mnl_socket_setsockopt(g->nl, NETLINK_EXT_ACK, &on, sizeof(on)) < 0 ||
	    mnl_socket_setsockopt(g->nl, NETLINK_CAP_ACK, &on, sizeof(on)) < 0 ||
	    mnl_socket_setsockopt(g->nl, NETLINK_GET_STRICT_CHK, &on, sizeof(on)) < 0) {
		set_errno(err, "opening a netlink socket");
		goto err_close;
	}
	socket_buffer(mnl_socket_get_fd(g->nl), SO_RCVBUF, SO_RCVBUFFORCE);
	/* The kernel keeps 32 bytes of it for itself. */
	g->batch = (socket_buffer(mnl_socket_get_fd(g->nl), SO_SNDBUF, SO_SNDBUFFORCE) - 32) /
		   MESSAGE;
	g->batch = g->batch < 1 ? 1 : g->batch < BATCH ? g->batch : BATCH;
	if (!find_family(g, err))
		goto err_close;
	return g;

err_memory:
	set_error(err, ENOMEM, strerror(ENOMEM));
err_close:
	genl_close(g);
	return NULL;
}

void genl_close(struct genl *g)
{
	if (!g)
		return;
	if (g->nl)
		mnl_socket_close(g->nl);
	free(g->out);
	free(g->in);
	free(g);
}

static int push_begin(struct genl *g, const void *image, size_t size, struct genl_error *err)
{
	const struct fwload_img_header *header = image;
	struct nlmsghdr *nlh = message(g, g->family, FWLOAD_CMD_BEGIN, NLM_F_ACK);

	message_end(g, nlh,
		    mnl_attr_put_u64_check(nlh, MESSAGE, FWLOAD_A_SIZE, size) &&
		    mnl_attr_put_u32_check(nlh, MESSAGE, FWLOAD_A_INDEX_SIZE,
					   le32_to_cpu(header->index_size)));
	return talk(g, g->seq, NULL, NULL, err);
}

/* One sendmsg() of pieces from *@offset on. */
static int push_batch(struct genl *g, const u8 *image, size_t size, size_t *offset,
		      struct genl_error *err)
{
	struct nlmsghdr *nlh = NULL;
	u32 first = g->seq + 1;

	for (int i = 0; i < g->batch && *offset < size; i++) {
		size_t n = size - *offset < PIECE ? size - *offset : PIECE;

		nlh = message(g, g->family, FWLOAD_CMD_DATA, 0);
		message_end(g, nlh,
			    mnl_attr_put_u64_check(nlh, MESSAGE, FWLOAD_A_OFFSET, *offset) &&
			    mnl_attr_put_check(nlh, MESSAGE, FWLOAD_A_BYTES, n,
					       image + *offset));
		*offset += n;
	}
	nlh->nlmsg_flags |= NLM_F_ACK;
	return talk(g, first, NULL, NULL, err);
}

static bool take_generation(const struct nlmsghdr *nlh, void *arg, struct genl_error *err)
{
	const struct nlattr *tb[ATTR_N];
	u32 *generation = arg;

	if (!attr_parse(nlh, tb))
		return bad_answer(err);
	if (tb[FWLOAD_A_GENERATION])
		*generation = mnl_attr_get_u32(tb[FWLOAD_A_GENERATION]);
	return true;
}

static int push_commit(struct genl *g, u32 flags, const u32 *expect, u32 *generation,
		       struct genl_error *err)
{
	struct nlmsghdr *nlh = message(g, g->family, FWLOAD_CMD_COMMIT, NLM_F_ACK);

	message_end(g, nlh,
		    mnl_attr_put_u32_check(nlh, MESSAGE, FWLOAD_A_FLAGS, flags) &&
		    (!expect || mnl_attr_put_u32_check(nlh, MESSAGE, FWLOAD_A_GENERATION,
						       *expect)));
	return talk(g, g->seq, take_generation, generation, err);
}

int genl_push(struct genl *g, const void *image, size_t size, u32 flags, const u32 *expect,
	      u32 *generation, struct genl_error *err)
{
	struct timespec wait = {}, start, now;
	unsigned int ms = RETRY_FIRST_MS;
	size_t offset = 0;
	int ret;

	*generation = 0;
	ret = push_begin(g, image, size, err);
	while (!ret && offset < size)
		ret = push_batch(g, image, size, &offset, err);
	if (ret)
		return ret;

	clock_gettime(CLOCK_MONOTONIC, &start);
	for (;;) {
		ret = push_commit(g, flags, expect, generation, err);
		if (ret != -EAGAIN)
			return ret;
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (now.tv_sec - start.tv_sec > RETRY_SECONDS)
			return ret;
		wait.tv_nsec = ms * 1000000L;
		nanosleep(&wait, NULL);
		ms = ms * 2 < RETRY_MAX_MS ? ms * 2 : RETRY_MAX_MS;
	}
}

static bool take_status(const struct nlmsghdr *nlh, void *arg, struct genl_error *err)
{
	const struct nlattr *tb[ATTR_N], *nest[ATTR_N], *attr;
	struct genl_status *st = arg;

	if (!attr_parse(nlh, tb))
		return bad_answer(err);
	if (tb[FWLOAD_A_GENERATION])
		st->generation = mnl_attr_get_u32(tb[FWLOAD_A_GENERATION]);
	if (tb[FWLOAD_A_MEMORY])
		st->memory = mnl_attr_get_u64(tb[FWLOAD_A_MEMORY]);
	if (tb[FWLOAD_A_MEMORY_MAX])
		st->memory_max = mnl_attr_get_u64(tb[FWLOAD_A_MEMORY_MAX]);
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		struct genl_table *t = &st->tables[st->n_tables];

		if (mnl_attr_get_type(attr) != FWLOAD_A_TABLE)
			continue;
		if (st->n_tables == ARRAY_SIZE(st->tables) || !attr_parse_nest(attr, nest) ||
		    !nest[FWLOAD_A_FAMILY] || !nest[FWLOAD_A_TABLE_TYPE])
			return bad_answer(err);
		t->family = mnl_attr_get_u8(nest[FWLOAD_A_FAMILY]);
		t->type = mnl_attr_get_u8(nest[FWLOAD_A_TABLE_TYPE]);
		if (t->family >= __FWLOAD_FAMILY_MAX || t->type >= __FWLOAD_TABLE_MAX)
			return bad_answer(err);
		if (nest[FWLOAD_A_N_CHAINS])
			t->n_chains = mnl_attr_get_u32(nest[FWLOAD_A_N_CHAINS]);
		if (nest[FWLOAD_A_N_RULES])
			t->n_rules = mnl_attr_get_u32(nest[FWLOAD_A_N_RULES]);
		if (nest[FWLOAD_A_SIZE])
			t->size = mnl_attr_get_u64(nest[FWLOAD_A_SIZE]);
		st->n_tables++;
	}
	return true;
}

int genl_status(struct genl *g, struct genl_status *st, struct genl_error *err)
{
	struct nlmsghdr *nlh = message(g, g->family, FWLOAD_CMD_GET, NLM_F_ACK);

	memset(st, 0, sizeof(*st));
	message_end(g, nlh, true);
	return talk(g, g->seq, take_status, st, err);
}

const struct genl_part genl_all = {
	.family = __FWLOAD_FAMILY_MAX, .type = __FWLOAD_TABLE_MAX, .rule = FWLOAD_NO_PLACE,
};

static bool put_part(struct nlmsghdr *nlh, const struct genl_part *part)
{
	return (part->family == __FWLOAD_FAMILY_MAX ||
		mnl_attr_put_u8_check(nlh, MESSAGE, FWLOAD_A_FAMILY, part->family)) &&
	       (part->type == __FWLOAD_TABLE_MAX ||
		mnl_attr_put_u8_check(nlh, MESSAGE, FWLOAD_A_TABLE_TYPE, part->type)) &&
	       (!part->chain ||
		mnl_attr_put_strz_check(nlh, MESSAGE, FWLOAD_A_CHAIN_NAME, part->chain));
}

int genl_zero(struct genl *g, const struct genl_part *part, struct genl_error *err)
{
	struct nlmsghdr *nlh = message(g, g->family, FWLOAD_CMD_ZERO, NLM_F_ACK);

	message_end(g, nlh, put_part(nlh, part) &&
		    (part->rule == FWLOAD_NO_PLACE ||
		     mnl_attr_put_u32_check(nlh, MESSAGE, FWLOAD_A_RULE, part->rule)));
	return talk(g, g->seq, NULL, NULL, err);
}

int genl_flush(struct genl *g, struct genl_error *err)
{
	struct nlmsghdr *nlh = message(g, g->family, FWLOAD_CMD_FLUSH, NLM_F_ACK);

	message_end(g, nlh, true);
	return talk(g, g->seq, NULL, NULL, err);
}

static bool take_piece(const struct nlmsghdr *nlh, void *arg, struct genl_error *err)
{
	const struct nlattr *tb[ATTR_N];

	if (!attr_parse(nlh, tb) || !fetch_message(arg, tb))
		return bad_answer(err);
	return true;
}

struct ruleset *genl_fetch(struct genl *g, const struct genl_part *part, u32 flags,
			   struct genl_error *err)
{
	struct fetch *fetch = fetch_new(flags, part->chain);
	struct nlmsghdr *nlh;
	struct ruleset *rs;
	int ret;

	if (!fetch) {
		set_error(err, ENOMEM, strerror(ENOMEM));
		return NULL;
	}
	nlh = message(g, g->family, FWLOAD_CMD_GET_IMAGE, NLM_F_DUMP);
	message_end(g, nlh, mnl_attr_put_u32_check(nlh, MESSAGE, FWLOAD_A_FLAGS, flags) &&
		    put_part(nlh, part));
	ret = talk(g, g->seq, take_piece, fetch, err);
	rs = fetch_end(fetch);
	if (!ret && !rs)
		bad_answer(err);
	if (ret && rs) {
		ruleset_free(rs);
		rs = NULL;
	}
	return rs;
}
