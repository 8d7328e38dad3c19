// SPDX-License-Identifier: GPL-2.0
/*
 * Whole files, in and out.
 *
 * Reads and writes may be short or interrupted; a full disk and a reader that went away are
 * errors with a message (or SIGPIPE, where it is not ignored). A regular file is
 * written beside its old contents and renamed over them, so that a firewall image that is
 * loaded at boot is never half of one.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd.h"
#include "diag.h"
#include "io.h"

#define FIRST_ROOM	(64 << 10)	/* for what does not tell its size */

static bool is_std(const char *path)
{
	return !path || !strcmp(path, "-");
}

/* Returns 0 or -errno. */
static int read_all(int fd, struct input *in)
{
	size_t room = FIRST_ROOM;
	struct stat st;
	ssize_t n;
	u8 *data;

	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		if (st.st_size > (off_t)FWLOAD_MAX_IMAGE)
			return -EFBIG;
		room = st.st_size + 1;	/* one more, to meet the end of the file */
	}
	in->data = malloc(room);
	while (in->data) {
		n = read(fd, in->data + in->size, room - in->size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return 0;
		in->size += n;
		if (in->size > FWLOAD_MAX_IMAGE)
			return -EFBIG;
		if (in->size < room)
			continue;
		room *= 2;
		data = realloc(in->data, room);
		if (!data)
			return -ENOMEM;
		in->data = data;
	}
	return -ENOMEM;
}

void input_read(struct input *in, const char *path)
{
	int fd = STDIN_FILENO, ret;

	in->name = is_std(path) ? "<stdin>" : path;
	in->data = NULL;
	in->size = 0;
	if (!is_std(path))
		fd = open(path, O_RDONLY | O_CLOEXEC);
	ret = fd < 0 ? -errno : read_all(fd, in);
	if (fd > STDIN_FILENO)
		close(fd);
	if (ret == -EFBIG)
		diag_die(EXIT_ERROR, "%s: larger than 2 GiB", in->name);
	if (ret)
		diag_die(EXIT_ERROR, "%s: %s", in->name, strerror(-ret));
}

bool input_try(struct input *in, const char *path)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;
	bool ok;

	in->name = path;
	in->data = NULL;
	in->size = 0;
	ok = fd >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode) && !read_all(fd, in);
	if (fd >= 0)
		close(fd);
	if (!ok)
		input_free(in);
	return ok;
}

void input_free(struct input *in)
{
	free(in->data);
	in->data = NULL;
	in->size = 0;
}

static bool write_all(int fd, const struct buf *b)
{
	size_t done = 0;

	while (done < b->size) {
		ssize_t n = write(fd, b->data + done, b->size - done);

		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0)
			done += n;
	}
	return true;
}

/* Whoever ends us with one of these must not find a half written file left behind. */
static void hold_signals(sigset_t *before)
{
	sigset_t hold;

	sigemptyset(&hold);
	sigaddset(&hold, SIGINT);
	sigaddset(&hold, SIGTERM);
	sigaddset(&hold, SIGHUP);
	sigprocmask(SIG_BLOCK, &hold, before);
}

/* Write a new file next to @path, with @mode, and put it in its place. */
static bool replace(const char *path, mode_t mode, const struct buf *b)
{
	sigset_t before;
	char *temp;
	bool ok;
	int fd;

	if (asprintf(&temp, "%s.XXXXXX", path) < 0)
		return false;
	hold_signals(&before);
	fd = mkostemp(temp, O_CLOEXEC);
	if (fd < 0) {
		sigprocmask(SIG_SETMASK, &before, NULL);
		free(temp);
		return false;
	}
	ok = fchmod(fd, mode) == 0 && write_all(fd, b) && fsync(fd) == 0;
	ok = close(fd) == 0 && ok;
	ok = ok && rename(temp, path) == 0;
	if (!ok) {
		int errnum = errno;

		unlink(temp);
		errno = errnum;
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	free(temp);
	return ok;
}

void output_write(const char *path, const struct buf *b)
{
	mode_t mask = umask(0);
	struct stat st;
	bool ok;
	int fd;

	umask(mask);
	if (is_std(path)) {
		if (!write_all(STDOUT_FILENO, b))
			diag_die(EXIT_ERROR, "<stdout>: %s", strerror(errno));
		return;
	}
	/* A device, a pipe or a link stays what it is and is written through. */
	if (lstat(path, &st) < 0) {
		ok = errno == ENOENT && replace(path, 0666 & ~mask, b);
	} else if (S_ISREG(st.st_mode)) {
		ok = replace(path, st.st_mode & 0777, b);
	} else {
		fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
		ok = fd >= 0 && write_all(fd, b);
		ok = fd >= 0 && close(fd) == 0 && ok;
	}
	if (!ok)
		diag_die(EXIT_ERROR, "%s: %s", path, strerror(errno));
}

bool output_is_input(const char *path, const char *input)
{
	struct stat out, in;

	if (is_std(path) || stat(path, &out) < 0 || !S_ISREG(out.st_mode))
		return false;
	if ((is_std(input) ? fstat(STDIN_FILENO, &in) : stat(input, &in)) < 0)
		return false;
	return out.st_dev == in.st_dev && out.st_ino == in.st_ino;
}

bool output_is_terminal(const char *path)
{
	bool terminal;
	int fd;

	if (is_std(path))
		return isatty(STDOUT_FILENO);
	/* Not opened for writing: that could wait, or change something. */
	fd = open(path, O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return false;
	terminal = isatty(fd);
	close(fd);
	return terminal;
}
